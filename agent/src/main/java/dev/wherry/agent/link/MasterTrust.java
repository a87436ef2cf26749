package dev.wherry.agent.link;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HexFormat;
import javax.net.ssl.X509TrustManager;

/**
 * Trust in whatever authority has the hash in the join token (as kubeadm's discovery by CA hash):
 * the server's chain must end in it and be signed by it. The name in the certificate is checked by
 * the platform's wrapper around this. Thread-safe.
 */
final class MasterTrust implements X509TrustManager {
  private final byte[] authorityHash;
  private final InstantSource clock;

  MasterTrust(byte[] authorityHash, InstantSource clock) {
    this.authorityHash = authorityHash.clone();
    this.clock = clock;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    X509Certificate authority = chain[chain.length - 1];
    byte[] hash = hash(authority);
    if (!MessageDigest.isEqual(hash, authorityHash)) {
      throw new CertificateException(
          "the server's authority has the hash "
              + HexFormat.of().formatHex(hash)
              + ", the token says "
              + HexFormat.of().formatHex(authorityHash)
              + ": this is not the master that the token is from");
    }
    new AuthorityTrust(authority, clock).checkServerTrusted(chain, authType);
  }

  private static byte[] hash(X509Certificate authority) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(authority.getPublicKey().getEncoded());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("an agent serves nobody");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
