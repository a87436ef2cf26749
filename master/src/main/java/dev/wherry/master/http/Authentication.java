package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.Impersonation;
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
 * Says who a connection is: by its client certificate (CN is the user, each O a group), by a bearer
 * token, or nobody. Thread-safe.
 */
final class Authentication {
  private static final Logger LOG = LoggerFactory.getLogger(Authentication.class);

  private static final String AUTHENTICATED = "system:authenticated";
  private static final AttributeKey<Identity> IDENTITY = AttributeKey.valueOf("wherry-identity");

  private static final String BEARER = "bearer ";

  private final CertificateAuthority authority;
  private final Entrance entrance;

  Authentication(CertificateAuthority authority, Entrance entrance) {
    this.authority = authority;
    this.entrance = entrance;
  }

  /**
   * The identity of who sends a request over this channel, or of whom they impersonate.
   *
   * @throws StatusException UNAUTHORIZED when a certificate or token is there and is no good;
   *     FORBIDDEN when they may not impersonate
   */
  Identity identify(Channel channel, HttpHeaders headers) {
    Identity identity = own(channel, headers);
    Impersonation wanted = ImpersonationHeaders.read(headers);
    return wanted.isEmpty() ? identity : entrance.impersonated(identity, wanted);
  }

  private Identity own(Channel channel, HttpHeaders headers) {
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
      return bearer(authorization.strip());
    }
    return headers.getAll("sec-websocket-protocol").stream()
        .flatMap(line -> WebSocketToken.in(line).stream())
        .findFirst()
        .map(entrance::identify)
        .orElse(Identity.ANONYMOUS);
  }

  private Identity bearer(String authorization) {
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw unauthorized();
    }
    return entrance.identify(authorization.substring(BEARER.length()).strip());
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
