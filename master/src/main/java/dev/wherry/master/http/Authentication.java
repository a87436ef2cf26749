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
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who sends a request: by the connection's client certificate (CN is the user, each O a
 * group), by what a proxy in front of the API says, by a bearer token, or nobody. Thread-safe.
 */
final class Authentication {
  private static final Logger LOG = LoggerFactory.getLogger(Authentication.class);

  private static final String AUTHENTICATED = "system:authenticated";
  private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";
  private static final AttributeKey<Peer> PEER = AttributeKey.valueOf("wherry-peer");

  private static final String BEARER = "bearer ";

  /** Who is at the other end of a connection, by its certificate. */
  private sealed interface Peer {
    record User(Identity identity) implements Peer {}

    /** One that brings the requests of others. */
    record FrontProxy() implements Peer {}
  }

  private final CertificateAuthority authority;
  private final CertificateAuthority frontProxies;
  private final Entrance entrance;

  Authentication(
      CertificateAuthority authority, CertificateAuthority frontProxies, Entrance entrance) {
    this.authority = authority;
    this.frontProxies = frontProxies;
    this.entrance = entrance;
  }

  /**
   * The identity of who sends a request over this channel.
   *
   * @throws StatusException UNAUTHORIZED when a certificate or token is there and is no good
   */
  Identity identify(Channel channel, HttpHeaders headers) {
    Channel connection = channel.parent() != null && isStream(channel) ? channel.parent() : channel;
    Peer peer = connection.attr(PEER).get();
    if (peer == null) {
      X509Certificate certificate = certificate(connection);
      if (certificate == null) {
        return byToken(headers);
      }
      peer = verified(certificate);
      connection.attr(PEER).set(peer);
    }
    return switch (peer) {
      case Peer.User(Identity identity) -> identity;
      case Peer.FrontProxy _ -> RemoteUser.of(headers).orElseThrow(Authentication::unauthorized);
    };
  }

  private Identity byToken(HttpHeaders headers) {
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

  /**
   * The identity of whom the client wants to be taken for: mostly its own.
   *
   * @throws StatusException FORBIDDEN when it may not impersonate
   */
  Identity impersonated(Identity own, HttpHeaders headers) {
    Impersonation wanted = ImpersonationHeaders.read(headers);
    return wanted.isEmpty() ? own : entrance.impersonated(own, wanted);
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

  private Peer verified(X509Certificate certificate) {
    ClientSubject subject = ClientSubject.of(certificate);
    if (subject.commonName().equals(CertificateAuthority.FRONT_PROXY_CLIENT)
        && frontProxies.complaint(certificate).isEmpty()) {
      return new Peer.FrontProxy();
    }
    String complaint = authority.complaint(certificate);
    if (!complaint.isEmpty() || subject.commonName().isEmpty()) {
      LOG.info(
          "a client certificate of {} was refused: {}",
          certificate.getSubjectX500Principal(),
          complaint.isEmpty() ? "its subject has no CN" : complaint);
      throw unauthorized();
    }
    List<String> groups = new ArrayList<>(subject.organizations());
    groups.add(AUTHENTICATED);
    return new Peer.User(
        new Identity(
            subject.commonName(), "", groups, Map.of(CREDENTIAL, credential(certificate))));
  }

  /** By which audit logs tell one certificate of a user from another. */
  private static List<String> credential(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return List.of("X509SHA256=" + HexFormat.of().formatHex(digest));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was read can be written", e);
    }
  }

  private static StatusException unauthorized() {
    return StatusException.of(Reason.UNAUTHORIZED, "Unauthorized");
  }
}
