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
import java.nio.charset.StandardCharsets;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Certificates by host: a Secret's as it is now, so that a renewed one serves from its next
 * connection on; a self-signed one where the Secret is missing or cannot be used. Thread-safe.
 */
final class IngressCertificates {
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
   * @param problem hears what is wrong with it, each time
   */
  SslContext context(Optional<ObjectKey> secret, Consumer<String> problem)
      throws GeneralSecurityException, IOException {
    if (secret.isPresent()) {
      Optional<Obj> object = desired.get(Resource.SECRETS, secret.get());
      if (object.isPresent()) {
        Optional<SslContext> own = own(secret.get(), object.get(), problem);
        if (own.isPresent()) {
          return own.get();
        }
      } else if (!secret.get().name().isEmpty()) {
        problem.accept("Secret " + secret.get() + " is missing");
      }
    }
    return selfSigned();
  }

  private Optional<SslContext> own(ObjectKey key, Obj secret, Consumer<String> problem) {
    String version = Meta.of(secret).resourceVersion();
    Loaded before = loaded.get(key);
    if (before != null && before.version().equals(version)) {
      return Optional.of(before.context());
    }
    try {
      Obj data = secret.obj("data");
      SslContext context = context(PemKey.parse(text(data, "tls.key")), chain(data, "tls.crt"));
      loaded.put(key, new Loaded(version, context));
      return Optional.of(context);
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      problem.accept("the certificate in Secret " + key + " cannot be used: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** What a Secret's data has by this key; empty: nothing. */
  static String text(Obj data, String key) {
    return new String(Base64.getDecoder().decode(data.string(key)), StandardCharsets.US_ASCII);
  }

  /**
   * The certificates in PEM that a Secret's data has by this key.
   *
   * @throws GeneralSecurityException when there is none, or one cannot be read
   */
  static X509Certificate[] chain(Obj data, String key) throws GeneralSecurityException {
    String pem = text(data, key);
    Collection<? extends Certificate> all =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    if (all.isEmpty()) {
      throw new GeneralSecurityException(key + " holds no certificate");
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
