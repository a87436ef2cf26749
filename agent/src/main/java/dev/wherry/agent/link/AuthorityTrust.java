package dev.wherry.agent.link;

import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.X509TrustManager;

/**
 * Trust in servers of the cluster's authority on a board that may have no battery for its clock: a
 * certificate that is not valid yet by this clock is taken (the clock is behind: the authority
 * signed it), and one that ended by it as long as {@link #GRACE} ago (the clock may be ahead). The
 * signature, the purpose and, by the platform's wrapper around this, the name are checked as ever.
 * Thread-safe.
 */
final class AuthorityTrust implements X509TrustManager {
  static final Duration GRACE = Duration.ofDays(3 * 365);
  private static final String SERVER = "1.3.6.1.5.5.7.3.1";

  private final X509Certificate authority;
  private final InstantSource clock;

  AuthorityTrust(X509Certificate authority, InstantSource clock) {
    this.authority = authority;
    this.clock = clock;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    List<X509Certificate> path = new ArrayList<>(List.of(chain));
    path.remove(authority);
    if (path.isEmpty()) {
      throw new CertificateException("the server shows its authority's certificate as its own");
    }
    X509Certificate server = path.getFirst();
    List<String> purposes = server.getExtendedKeyUsage();
    if (purposes != null && !purposes.contains(SERVER)) {
      throw new CertificateException("the certificate is not a server's");
    }
    try {
      PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(checkedAt(server, clock.instant())));
      CertPath signed = CertificateFactory.getInstance("X.509").generateCertPath(path);
      CertPathValidator.getInstance("PKIX").validate(signed, parameters);
    } catch (CertificateException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new CertificateException(e.getMessage(), e);
    }
  }

  /** The time by which the certificate is judged. */
  static Instant checkedAt(X509Certificate certificate, Instant now) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      return from;
    }
    return now.isAfter(to) && now.isBefore(to.plus(GRACE)) ? to : now;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("an agent serves nobody");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[] {authority};
  }
}
