package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Durations;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Subresource.Behaviour;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Certificate signing requests. */
final class CertificateSigningRequestKind implements SpecAndStatus {
  private static final String GROUP = "certificates.k8s.io";
  static final ResourceDefinition DEFINITION = definition();

  private CertificateSigningRequestKind() {}

  private static ResourceDefinition definition() {
    ResourceDefinition.Builder builder =
        ResourceDefinition.of(
            GROUP, "v1", "CertificateSigningRequest", "certificatesigningrequests");
    return builder
        .shortNames("csr")
        .clusterScoped()
        .withStatus()
        .subresource(
            "approval",
            builder.type(),
            new Behaviour.Part(UnaryOperator.identity(), CertificateSigningRequestKind::approved),
            "get",
            "patch",
            "update")
        .columns(
            Column.NAME,
            Column.AGE,
            Column.text("SignerName", (csr, _) -> csr.obj("spec").string("signerName")),
            Column.text("Requestor", (csr, _) -> csr.obj("spec").string("username")),
            Column.text("RequestedDuration", (csr, _) -> requested(csr)),
            Column.text("Condition", (csr, _) -> condition(csr)))
        .field("spec.signerName")
        .strategy(new CertificateSigningRequestKind())
        .build();
  }

  private static String requested(Obj csr) {
    long seconds = csr.obj("spec").number("expirationSeconds", 0);
    return seconds == 0 ? Cells.NONE : Durations.human(Duration.ofSeconds(seconds));
  }

  private static String condition(Obj csr) {
    List<String> texts = new ArrayList<>();
    csr.obj("status").objs("conditions").forEach(each -> texts.add(each.string("type")));
    if (!csr.obj("status").string("certificate").isEmpty()) {
      texts.add("Issued");
    }
    return texts.isEmpty() ? "Pending" : String.join(",", texts);
  }

  /** The approval subresource changes conditions alone. */
  private static Obj approved(Obj updated, Obj csr) {
    return csr.change(
        "status", status -> Defaults.copied(status, updated.obj("status"), "conditions"));
  }

  @Override
  public NameRule nameRule() {
    return NameRule.PATH_SEGMENT;
  }

  @Override
  public Obj beforeCreate(Obj csr) {
    return csr.with("status", Obj.EMPTY);
  }

  /** What was asked for, and by whom, stays. */
  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return Defaults.copied(Defaults.copied(updated, existing, "status"), existing, "spec");
  }

  /** Conditions and certificate; the checks see to which of them come by which way. */
  @Override
  public Obj beforeStatusUpdate(Obj updated, Obj existing) {
    return existing.with("status", updated.obj("status"));
  }

  @Override
  public boolean hasGeneration() {
    return false;
  }

  @Override
  public void check(Obj csr, Causes causes) {
    CertificateRequestChecks.check(csr, causes);
  }

  @Override
  public void checkPartUpdate(String subresource, Obj updated, Obj existing, Causes causes) {
    CertificateRequestChecks.keepsConditions(updated, existing, causes);
    if (!subresource.equals("approval")) {
      CertificateRequestChecks.addsNoDecision(updated, existing, causes);
    }
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    check(updated, causes);
    checkPartUpdate("status", updated, existing, causes);
    CertificateRequestChecks.keepsCertificate(updated, existing, causes);
  }
}
