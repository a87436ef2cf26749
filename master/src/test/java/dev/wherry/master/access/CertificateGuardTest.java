package dev.wherry.master.access;

import static dev.wherry.master.access.TestCluster.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.RoleIndex;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.SampleRequests;
import dev.wherry.master.registry.WriteOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who approves and who signs certificate requests. */
class CertificateGuardTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final GroupResource REQUESTS =
      new GroupResource("certificates.k8s.io", "certificatesigningrequests");

  private static final ObjectKey KEY = new ObjectKey("", "r");
  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess ann =
      cluster.entrance.as(new Identity("ann", List.of("system:authenticated")));

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private void allow(String name, String verb, String resource, String names) {
    cluster.objects.create(
        RoleIndex.CLUSTER_ROLES,
        json(
            "{'metadata':{'name':'%s'},'rules':[{'verbs':['%s'],'apiGroups':['certificates.k8s.io'],'resources':['%s']%s}]}"
                .formatted(name, verb, resource, names)));
    cluster.objects.create(
        RoleIndex.CLUSTER_ROLE_BINDINGS,
        json(
            "{'metadata':{'name':'%s'},'roleRef':{'kind':'ClusterRole','name':'%s'},'subjects':[{'kind':'User','name':'ann'}]}"
                .formatted(name, name)));
  }

  private Obj request() {
    return request("example.com/s", SampleRequests.base64("jane"));
  }

  private Obj request(String signer, String base64) {
    return cluster.objects.create(
        REQUESTS,
        json(
            "{'metadata':{'name':'r'},'spec':{'request':'%s','signerName':'%s','usages':['client auth']}}"
                .formatted(base64, signer)));
  }

  private void approve(Obj request) {
    Obj condition = json("{'type':'Approved','status':'True','reason':'x'}");
    ann.update(
        REQUESTS,
        KEY,
        "approval",
        request.withAt(List.of(condition), "status", "conditions"),
        WriteOptions.DEFAULT);
  }

  private static String refusal(Runnable write) {
    try {
      write.run();
      return "";
    } catch (dev.wherry.api.status.StatusException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void whoApprovesNeedsTheSigner() {
    Obj request = request();
    allow("updates", "update", "certificatesigningrequests/approval", "");
    Instant end = Instant.now().plus(DEADLINE);
    while (!refusal(() -> approve(request))
        .endsWith("user not permitted to approve requests with signerName \"example.com/s\"")) {
      assertThat(Instant.now()).isBefore(end);
    }
    allow("approves", "approve", "signers", ",'resourceNames':['example.com/*']");
    while (!refusal(() -> approve(request)).isEmpty()) {
      assertThat(Instant.now()).isBefore(end);
    }
    Obj approved = cluster.objects.get(REQUESTS, KEY).obj("status").objs("conditions").getFirst();
    assertThat(approved.string("lastUpdateTime")).isNotEmpty();
    assertThat(approved.string("lastTransitionTime")).isNotEmpty();
  }

  @Test
  void aRequestSaysWhoMadeIt() {
    Obj asked = request();
    assertThat(asked.obj("spec").string("username")).isEqualTo("system:apiserver");
    assertThat(asked.obj("spec").has("uid")).isFalse();
    assertThat(asked.obj("spec").strings("groups")).containsExactly("system:masters");
  }

  @Test
  void whoSignsNeedsTheSigner() {
    Obj request = request();
    allow("signs", "update", "certificatesigningrequests/status", "");
    allow("other", "sign", "signers", ",'resourceNames':['example.com/other']");
    Instant end = Instant.now().plus(DEADLINE);
    Obj signed = request.withAt("eA==", "status", "certificate");
    while (!refusal(() -> ann.updateStatus(REQUESTS, signed))
        .endsWith("user not permitted to sign requests with signerName \"example.com/s\"")) {
      assertThat(Instant.now()).isBefore(end);
    }
    assertThatThrownBy(() -> ann.updateStatus(REQUESTS, signed)).hasMessageContaining("sign");
  }

  @Test
  void whoSaysWhatIsTrustedOfASignerNeedsTheSigner(@TempDir Path directory) throws IOException {
    String pem =
        CertificateAuthority.open(directory, InstantSource.system()).pem().replace("\n", "\\n");
    GroupResource bundles = new GroupResource("certificates.k8s.io", "clustertrustbundles");
    Obj ofSigner =
        json(
            "{'metadata':{'name':'example.com:s:a'},'spec':{'signerName':'example.com/s','trustBundle':'%s'}}"
                .formatted(pem));
    allow("makes", "create", "clustertrustbundles", "");
    Instant end = Instant.now().plus(DEADLINE);
    while (!refusal(() -> ann.create(bundles, ofSigner))
        .endsWith("user not permitted to attest for signerName \"example.com/s\"")) {
      assertThat(Instant.now()).isBefore(end);
    }
    assertThat(
            refusal(
                () ->
                    ann.create(
                        bundles,
                        json(
                            "{'metadata':{'name':'own'},'spec':{'trustBundle':'%s'}}"
                                .formatted(pem)))))
        .as("one of no signer is anybody's who may create it")
        .isEmpty();
    allow("attests", "attest", "signers", ",'resourceNames':['example.com/s']");
    while (!refusal(() -> ann.create(bundles, ofSigner)).isEmpty()) {
      assertThat(Instant.now()).isBefore(end);
    }
  }

  @Test
  void nobodyAsksForAClientCertificateOfTheAdministrators() {
    String masters = SampleRequests.base64("eve", "system:masters");
    assertThat(refusal(() -> request("kubernetes.io/kube-apiserver-client", masters)))
        .endsWith(
            "is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters"
                + " group is not allowed");
    assertThat(request("example.com/s", masters).obj("metadata").string("uid")).isNotEmpty();
  }

  @Test
  void aRequestProvesItsKey() {
    byte[] der = SampleRequests.der("jane");
    der[der.length - 1] ^= 1;
    String pem =
        "-----BEGIN CERTIFICATE REQUEST-----\n"
            + Base64.getEncoder().encodeToString(der)
            + "\n-----END CERTIFICATE REQUEST-----\n";
    String base64 = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    assertThat(refusal(() -> request("example.com/s", base64))).contains("spec.request");
  }

  @Test
  void decisionsStayAndComeByApprovalAlone() {
    Obj request = request();
    Obj approved =
        request.withAt(
            List.of(json("{'type':'Approved','status':'True','reason':'x'}")),
            "status",
            "conditions");
    assertThat(refusal(() -> cluster.objects.updateStatus(REQUESTS, approved)))
        .endsWith(
            "status.conditions: Forbidden: updates may not add a condition of type \"Approved\"");
    cluster.objects.update(REQUESTS, KEY, "approval", approved, WriteOptions.DEFAULT);
    Obj held = cluster.objects.get(REQUESTS, KEY);
    Obj undecided = held.withAt(List.of(), "status", "conditions");
    assertThat(
            refusal(
                () ->
                    cluster.objects.update(
                        REQUESTS, KEY, "approval", undecided, WriteOptions.DEFAULT)))
        .endsWith("updates may not remove a condition of type \"Approved\"");
    assertThat(
            refusal(
                () ->
                    cluster.objects.updateStatus(
                        REQUESTS, held.withAt("eA==", "status", "certificate"))))
        .contains("must contain at least one CERTIFICATE PEM block");
  }
}
