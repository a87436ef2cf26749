package dev.wherry.master.fleet;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.X509TrustManager;

/**
 * Trust in nodes' certificates on a machine that may have no battery for its clock: one that is not
 * valid yet by this clock is taken, as only a clock that is behind can see one. One that has ended
 * is refused, and its node renews it by its key. Thread-safe.
 */
final class NodeTrust implements X509TrustManager {
  private static final String CLIENT = "1.3.6.1.5.5.7.3.2";

  private final X509Certificate authority;
  private final InstantSource clock;

  NodeTrust(X509Certificate authority, InstantSource clock) {
    this.authority = authority;
    this.clock = clock;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    List<X509Certificate> path = new ArrayList<>(List.of(chain));
    path.remove(authority);
    if (path.isEmpty()) {
      throw new CertificateException("the node shows the authority's certificate as its own");
    }
    X509Certificate node = path.getFirst();
    List<String> purposes = node.getExtendedKeyUsage();
    if (purposes != null && !purposes.contains(CLIENT)) {
      throw new CertificateException("the certificate is not a client's");
    }
    Instant now = clock.instant();
    Instant from = node.getNotBefore().toInstant();
    try {
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now.isBefore(from) ? from : now));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (CertificateException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new CertificateException(e.getMessage(), e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("the master asks nobody");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[] {authority};
  }
}
