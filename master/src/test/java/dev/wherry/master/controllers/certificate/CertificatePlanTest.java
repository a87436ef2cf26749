package dev.wherry.master.controllers.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.controllers.certificate.CertificateIssuer.Usage;
import dev.wherry.master.controllers.certificate.CertificateIssuer.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CertificatePlanTest {
  private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
  private static final String CLIENT = "kubernetes.io/kube-apiserver-client";
  private static final String KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
  private static final String SERVING = "kubernetes.io/kubelet-serving";
  private static final Wish JANE = wish("jane", List.of("dev"), List.of());
  private static final Wish NODE = wish("system:node:a", List.of("system:nodes"), List.of());
  private static final Wish SERVER = wish("system:node:a", List.of("system:nodes"), List.of("a"));

  private static Wish wish(String name, List<String> organizations, List<String> dns) {
    return new Wish(name, organizations, dns, List.of(), List.of(), List.of());
  }

  /** Reads every request as this wish, and certificates as good for half an hour from creation. */
  private static CertificateIssuer issuer(Wish wish) {
    return new CertificateIssuer() {
      @Override
      public Wish read(String pem) {
        return wish;
      }

      @Override
      public String sign(String pem, Set<Usage> usages, Duration life) {
        throw new AssertionError("a plan signs nothing");
      }

      @Override
      public Instant end(String pem) {
        return CREATED.plus(pem.equals("CERT") ? Duration.ofDays(1) : Duration.ofMinutes(30));
      }
    };
  }

  private static Obj request(String signer, String usages, String conditions) {
    return Json.read(
        """
        {'metadata': {'name': 'r', 'creationTimestamp': '2026-01-01T00:00:00Z'},
         'spec': {'request': 'UEVN', 'signerName': '%s', 'usages': [%s], 'expirationSeconds': 900},
         'status': {'conditions': [%s]}}"""
            .formatted(signer, usages, conditions)
            .replace('\'', '"'));
  }

  private static String condition(String type) {
    return "{'type': '%s', 'status': 'True', 'lastUpdateTime': '2026-01-01T00:10:00Z'}"
        .formatted(type);
  }

  private static CertificatePlan approved(String signer, String usages, Wish wish) {
    return CertificatePlan.plan(
        request(signer, usages, condition("Approved")), issuer(wish), CREATED.plusSeconds(660));
  }

  private static void refuses(CertificatePlan plan, String message) {
    assertThat(plan).isEqualTo(new CertificatePlan.Fail(message));
  }

  @Test
  void waitsForADecisionAndForgetsWhatNobodyDecides() {
    Obj request = request(CLIENT, "'client auth'", "");
    assertThat(CertificatePlan.plan(request, issuer(JANE), CREATED.plusSeconds(3600)))
        .isEqualTo(new CertificatePlan.Wait(Duration.ofHours(23)));
    assertThat(CertificatePlan.plan(request, issuer(JANE), CREATED.plusSeconds(24 * 3600)))
        .isEqualTo(new CertificatePlan.Remove());
  }

  @Test
  void signsWhatIsApproved() {
    assertThat(approved(CLIENT, "'client auth', 'digital signature'", JANE))
        .isEqualTo(
            new CertificatePlan.Sign(
                "PEM",
                Set.of(Usage.CLIENT_AUTH, Usage.DIGITAL_SIGNATURE),
                Duration.ofSeconds(900)));
    assertThat(approved(KUBELET, "'client auth', 'digital signature'", NODE))
        .isInstanceOf(CertificatePlan.Sign.class);
    assertThat(approved(SERVING, "'server auth', 'digital signature'", SERVER))
        .isInstanceOf(CertificatePlan.Sign.class);
  }

  @Test
  void leavesWhatIsDeniedSignedFailedOrAnothersAndForgetsItInAnHour() {
    String approved = condition("Approved");
    for (Obj each :
        List.of(
            request(CLIENT, "'client auth'", condition("Denied")),
            request(CLIENT, "'client auth'", approved + "," + condition("Failed")),
            request("example.com/own", "'client auth'", approved),
            request(CLIENT, "'client auth'", approved)
                .withAt("Q0VSVA==", "status", "certificate"))) {
      assertThat(CertificatePlan.plan(each, issuer(JANE), CREATED.plusSeconds(600)))
          .isEqualTo(new CertificatePlan.Wait(Duration.ofHours(1)));
      assertThat(CertificatePlan.plan(each, issuer(JANE), CREATED.plusSeconds(600 + 3600)))
          .isEqualTo(new CertificatePlan.Remove());
    }
  }

  @Test
  void refusesWhatASignerDoesNotSign() {
    refuses(
        approved(CLIENT, "'client auth'", wish("eve", List.of("system:masters"), List.of())),
        "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not"
            + " allowed");
    refuses(
        approved(CLIENT, "'server auth'", JANE),
        "invalid usages for kubernetes.io/kube-apiserver-client: [server auth]");
    refuses(
        approved(CLIENT, "'client auth', 'cert sign'", JANE),
        "invalid usages for kubernetes.io/kube-apiserver-client: [client auth, cert sign]");
    refuses(
        approved(KUBELET, "'client auth', 'digital signature'", JANE),
        "subject organization is not system:nodes");
    refuses(
        approved(KUBELET, "'client auth', 'digital signature'", SERVER),
        "DNS subjectAltNames are not allowed");
    refuses(
        approved(SERVING, "'server auth', 'digital signature'", NODE),
        "DNS or IP subjectAltName is required");
    refuses(
        approved(
            SERVING,
            "'server auth', 'digital signature'",
            wish("a", List.of("system:nodes"), List.of("a"))),
        "subject common name does not begin with system:node:");
  }

  @Test
  void saysWhatCannotBeRead() {
    CertificatePlan plan =
        CertificatePlan.plan(
            request(CLIENT, "'client auth'", condition("Approved")),
            CertificateIssuer.NONE,
            CREATED.plusSeconds(660));
    refuses(plan, "unable to parse csr: there is no certificate authority");
    Obj failed = CertificatePlan.failed(Obj.EMPTY, "why", CREATED);
    assertThat(failed.objs("conditions").getFirst().string("reason"))
        .isEqualTo("SignerValidationFailure");
  }

  @Test
  void asksWhetherANodeMayHaveItsCertificate() {
    Obj own = request(KUBELET, "'client auth', 'digital signature'", "");
    Obj byItself = own.withAt("system:node:a", "spec", "username");
    Instant now = CREATED.plus(Duration.ofHours(1));
    assertThat(CertificatePlan.plan(byItself, issuer(NODE), now))
        .isEqualTo(
            new CertificatePlan.Ask(
                List.of(NodeApproval.SELF, NodeApproval.ANY), Duration.ofHours(23)));
    assertThat(CertificatePlan.plan(own, issuer(NODE), now))
        .isEqualTo(new CertificatePlan.Ask(List.of(NodeApproval.ANY), Duration.ofHours(23)));
    assertThat(CertificatePlan.plan(own, issuer(JANE), now))
        .isEqualTo(new CertificatePlan.Wait(Duration.ofHours(23)));
    assertThat(CertificatePlan.plan(request(CLIENT, "'client auth'", ""), issuer(NODE), now))
        .isEqualTo(new CertificatePlan.Wait(Duration.ofHours(23)));
  }

  @Test
  void forgetsACertificateThatHasEnded() {
    Obj request =
        request(CLIENT, "'client auth'", condition("Approved"))
            .withAt("U0hPUlQ=", "status", "certificate");
    assertThat(CertificatePlan.plan(request, issuer(JANE), CREATED.plusSeconds(1200)))
        .isEqualTo(new CertificatePlan.Wait(Duration.ofMinutes(10)));
    assertThat(CertificatePlan.plan(request, issuer(JANE), CREATED.plusSeconds(1800)))
        .isEqualTo(new CertificatePlan.Remove());
  }
}
