package dev.wherry.master.bootstrap;

import dev.wherry.master.controllers.certificate.CertificateIssuer;
import dev.wherry.master.pki.AlternativeName;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.CertificateRequest;
import dev.wherry.master.pki.CertificateText;
import dev.wherry.master.pki.KeyUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The cluster's certificate authority for the signers of certificate signing requests. */
record ClusterSigner(CertificateAuthority authority) implements CertificateIssuer {

  @Override
  public Wish read(String pem) {
    CertificateRequest request = CertificateRequest.parsePem(pem);
    return new Wish(
        request.subject().commonName(),
        request.subject().organizations(),
        names(request, AlternativeName.Kind.DNS),
        names(request, AlternativeName.Kind.ADDRESS),
        names(request, AlternativeName.Kind.EMAIL),
        names(request, AlternativeName.Kind.URI));
  }

  @Override
  public Instant end(String pem) {
    return CertificateText.parse(pem).certificates().getFirst().getNotAfter().toInstant();
  }

  private static List<String> names(CertificateRequest request, AlternativeName.Kind kind) {
    return request.alternatives().stream()
        .filter(each -> each.kind() == kind)
        .map(AlternativeName::value)
        .toList();
  }

  @Override
  public String sign(String pem, Set<Usage> usages, Duration life) {
    EnumSet<KeyUsage> mapped = EnumSet.noneOf(KeyUsage.class);
    for (Usage each : usages) {
      mapped.add(
          switch (each) {
            case DIGITAL_SIGNATURE -> KeyUsage.DIGITAL_SIGNATURE;
            case KEY_ENCIPHERMENT -> KeyUsage.KEY_ENCIPHERMENT;
            case SERVER_AUTH -> KeyUsage.SERVER_AUTH;
            case CLIENT_AUTH -> KeyUsage.CLIENT_AUTH;
          });
    }
    return authority.sign(CertificateRequest.parsePem(pem), mapped, life);
  }
}
