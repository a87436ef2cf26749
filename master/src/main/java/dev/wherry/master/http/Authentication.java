package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.access.Identity;
import dev.wherry.master.pki.CertificateAuthority;
import dev.wherry.master.pki.ClientSubject;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who a connection is: by its client certificate (CN is the user, each O a group), or nobody.
 * Thread-safe.
 */
final class Authentication {
  private static final Logger LOG = LoggerFactory.getLogger(Authentication.class);

  /** Who comes without any proof. */
  static final Identity ANONYMOUS =
      new Identity("system:anonymous", List.of("system:unauthenticated"));

  private static final String AUTHENTICATED = "system:authenticated";
  private static final AttributeKey<Identity> IDENTITY = AttributeKey.valueOf("wherry-identity");

  private final CertificateAuthority authority;

  Authentication(CertificateAuthority authority) {
    this.authority = authority;
  }

  /**
   * The identity of who sends a request over this channel.
   *
   * @throws StatusException UNAUTHORIZED when a certificate or token is there and is no good
   */
  Identity identify(Channel channel, HttpHeaders headers) {
    Channel connection = channel.parent() != null && isStream(channel) ? channel.parent() : channel;
    Identity known = connection.attr(IDENTITY).get();
    if (known != null) {
      return known;
    }
    X509Certificate certificate = certificate(connection);
    if (certificate != null) {
      Identity identity = verified(certificate);
      connection.attr(IDENTITY).set(identity);
      return identity;
    }
    String authorization = headers.get("authorization");
    if (authorization != null && !authorization.isBlank()) {
      throw unauthorized();
    }
    return ANONYMOUS;
  }

  /** A stream of HTTP/2 hangs below its connection; a connection hangs below the listener. */
  private static boolean isStream(Channel channel) {
    return channel.pipeline().get(SslHandler.class) == null;
  }

  private static @Nullable X509Certificate certificate(Channel connection) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    if (tls == null) {
      return null;
    }
    try {
      Certificate[] chain = tls.engine().getSession().getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate x509 ? x509 : null;
    } catch (SSLPeerUnverifiedException e) {
      return null; // it showed none
    }
  }

  private Identity verified(X509Certificate certificate) {
    String complaint = authority.complaint(certificate);
    ClientSubject subject = ClientSubject.of(certificate);
    if (!complaint.isEmpty() || subject.commonName().isEmpty()) {
      LOG.info(
          "a client certificate of {} was refused: {}",
          certificate.getSubjectX500Principal(),
          complaint.isEmpty() ? "its subject has no CN" : complaint);
      throw unauthorized();
    }
    List<String> groups = new ArrayList<>(subject.organizations());
    groups.add(AUTHENTICATED);
    return new Identity(subject.commonName(), groups);
  }

  private static StatusException unauthorized() {
    return StatusException.of(Reason.UNAUTHORIZED, "Unauthorized");
  }
}
