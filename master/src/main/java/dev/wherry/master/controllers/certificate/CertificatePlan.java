package dev.wherry.master.controllers.certificate;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.master.controllers.certificate.CertificateIssuer.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What becomes of a certificate signing request. Pure. */
sealed interface CertificatePlan {
  /** The life of a certificate whose request names none, and the longest. */
  Duration LIFE = Duration.ofDays(365);

  /** How long a request stays that nobody decided on. */
  Duration UNDECIDED = Duration.ofHours(24);

  /** How long one stays that was decided on. */
  Duration DECIDED = Duration.ofHours(1);

  /** It is to be looked at again after this long. */
  record Wait(Duration left) implements CertificatePlan {}

  /** Its time is over. */
  record Remove() implements CertificatePlan {}

  /**
   * Nobody decided yet; it is approved where who asks may go one of these ways.
   *
   * @param left until it is removed
   */
  record Ask(List<NodeApproval> ways, Duration left) implements CertificatePlan {
    public Ask {
      ways = List.copyOf(ways);
    }
  }

  /** It is approved and its signer signs it. */
  record Sign(String pem, Set<Usage> usages, Duration life) implements CertificatePlan {}

  /** It is approved, and its signer does not sign such a thing. */
  record Fail(String message) implements CertificatePlan {}

  /** What becomes of the request by now. */
  static CertificatePlan plan(Obj request, CertificateIssuer issuer, Instant now) {
    List<Condition> conditions =
        request.obj("status").objs("conditions").stream().map(Condition::new).toList();
    Duration left = Duration.between(now, end(request, conditions, issuer, now));
    if (!left.isPositive()) {
      return new Remove();
    }
    Obj spec = request.obj("spec");
    if (conditions.isEmpty() && request.obj("status").string("certificate").isEmpty()) {
      List<NodeApproval> ways = ways(spec, issuer);
      return ways.isEmpty() ? new Wait(left) : new Ask(ways, left);
    }
    Optional<Signer> signer = Signer.named(spec.string("signerName"));
    boolean isToBeSigned =
        has(conditions, "Approved")
            && !has(conditions, "Denied")
            && !has(conditions, "Failed")
            && request.obj("status").string("certificate").isEmpty();
    return signer.isPresent() && isToBeSigned ? signed(signer.get(), spec, issuer) : new Wait(left);
  }

  private static List<NodeApproval> ways(Obj spec, CertificateIssuer issuer) {
    if (!spec.string("signerName").equals(Signer.KUBELET_CLIENT.text())) {
      return List.of();
    }
    try {
      return NodeApproval.of(spec, issuer.read(decoded(spec.string("request"))));
    } catch (IllegalArgumentException _) {
      return List.of(); // it stays for people to look at
    }
  }

  private static boolean has(List<Condition> conditions, String type) {
    return conditions.stream().anyMatch(each -> each.type().equals(type));
  }

  /** An hour after the decision, a day without one; a certificate that has ended ends it. */
  private static Instant end(
      Obj request, List<Condition> conditions, CertificateIssuer issuer, Instant now) {
    Optional<Instant> decided =
        conditions.stream()
            .flatMap(each -> each.lastUpdateTime().or(each::lastTransitionTime).stream())
            .max(Instant::compareTo);
    Instant end =
        decided
            .map(at -> at.plus(DECIDED))
            .orElseGet(() -> Meta.of(request).creationTimestamp().orElse(now).plus(UNDECIDED));
    String certificate = request.obj("status").string("certificate");
    Instant ended = certificate.isEmpty() ? end : certificateEnd(certificate, issuer, end);
    return ended.isBefore(end) ? ended : end;
  }

  private static Instant certificateEnd(String base64, CertificateIssuer issuer, Instant unknown) {
    try {
      return issuer.end(decoded(base64));
    } catch (IllegalArgumentException _) {
      return unknown; // another signer's
    }
  }

  private static CertificatePlan signed(Signer signer, Obj spec, CertificateIssuer issuer) {
    List<String> words = spec.list("usages").stream().map(String::valueOf).toList();
    Optional<Set<Usage>> usages = signer.usages(words);
    if (usages.isEmpty()) {
      return new Fail("invalid usages for " + signer.text() + ": " + words);
    }
    try {
      String pem = decoded(spec.string("request"));
      Optional<String> complaint = signer.complaint(issuer.read(pem));
      if (complaint.isPresent()) {
        return new Fail(complaint.get());
      }
      long seconds = spec.number("expirationSeconds", LIFE.toSeconds());
      return new Sign(pem, usages.get(), Duration.ofSeconds(Math.min(seconds, LIFE.toSeconds())));
    } catch (IllegalArgumentException e) {
      return new Fail("unable to parse csr: " + e.getMessage());
    }
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
  }

  /** The status with the certificate. */
  static Obj issued(Obj status, String pem) {
    byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
    return status.with("certificate", Base64.getEncoder().encodeToString(bytes));
  }

  /** The status that says that the signer refused. */
  static Obj failed(Obj status, String message, Instant now) {
    Obj condition =
        Condition.of("Failed", Condition.TRUE, "SignerValidationFailure", message, now)
            .tree()
            .with("lastUpdateTime", Meta.Times.format(now));
    return status.with(
        "conditions", Condition.set(status.objs("conditions"), new Condition(condition)));
  }
}
