package dev.wherry.agent.ingress;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates by host: a Secret's as it is now, so that a renewed one serves from its next
 * connection on; a self-signed one where the Secret is missing or cannot be used. Thread-safe.
 */
final class IngressCertificates {
  private static final Logger LOG = LoggerFactory.getLogger(IngressCertificates.class);

  /** BoringSSL where its library is there, which takes half of the processor time. */
  static final SslProvider PROVIDER = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;

  private record Loaded(String version, SslContext context) {}

  private final DesiredState desired;
  private final InstantSource clock;
  private final Map<ObjectKey, Loaded> loaded = new ConcurrentHashMap<>();
  private volatile @Nullable SslContext selfSigned;

  IngressCertificates(DesiredState desired, InstantSource clock) {
    this.desired = desired;
    this.clock = clock;
  }

  /** Forgets those that no route names any more. */
  void retain(Collection<ObjectKey> secrets) {
    loaded.keySet().retainAll(secrets);
  }

  /**
   * What a connection for a host is encrypted with.
   *
   * @param secret empty: no Ingress names one for the host
   */
  SslContext context(Optional<ObjectKey> secret) throws GeneralSecurityException, IOException {
    if (secret.isPresent()) {
      Optional<Obj> object = desired.get(Resource.SECRETS, secret.get());
      if (object.isPresent()) {
        Optional<SslContext> own = own(secret.get(), object.get());
        if (own.isPresent()) {
          return own.get();
        }
      } else if (!secret.get().name().isEmpty()) {
        LOG.warn("Secret {} is missing: a self-signed certificate is shown", secret.get());
      }
    }
    return selfSigned();
  }

  private Optional<SslContext> own(ObjectKey key, Obj secret) {
    String version = Meta.of(secret).resourceVersion();
    Loaded before = loaded.get(key);
    if (before != null && before.version().equals(version)) {
      return Optional.of(before.context());
    }
    try {
      Obj data = secret.obj("data");
      SslContext context =
          context(PemKey.parse(text(data, "tls.key")), chain(text(data, "tls.crt")));
      loaded.put(key, new Loaded(version, context));
      return Optional.of(context);
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      LOG.warn("the certificate in Secret {} cannot be used: {}", key, e.getMessage());
      return Optional.empty();
    }
  }

  private static String text(Obj data, String key) {
    return new String(
        Base64.getDecoder().decode(data.string(key)), java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static X509Certificate[] chain(String pem) throws GeneralSecurityException {
    Collection<? extends Certificate> all =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(pem.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    if (all.isEmpty()) {
      throw new GeneralSecurityException("tls.crt holds no certificate");
    }
    return all.toArray(X509Certificate[]::new);
  }

  private synchronized SslContext selfSigned() throws GeneralSecurityException, IOException {
    SslContext made = selfSigned;
    if (made == null) {
      SelfSigned own = SelfSigned.create(clock.instant());
      made = context(own.key(), own.certificate());
      selfSigned = made;
    }
    return made;
  }

  private static SslContext context(PrivateKey key, X509Certificate... chain) throws IOException {
    return SslContextBuilder.forServer(key, chain)
        .sslProvider(PROVIDER)
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1))
        .build();
  }
}
