package dev.wherry.agent.ingress;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What TLS is spoken to backends with, by what Ingresses ask for: made when it is first needed, and
 * anew when its Secret has changed, so that a renewed certificate is shown and believed from the
 * next connection on. Thread-safe.
 */
final class TlsClients {
  /** Kept at a time; past it the one that was used least recently is made anew when asked for. */
  static final int MAX_KEPT = 256;

  /**
   * What was made, or why nothing can be: kept as well, as it stays so until its Secret changes.
   */
  sealed interface Outcome {
    record Usable(TlsClient client) implements Outcome {}

    record Unusable(String why) implements Outcome {}
  }

  private record Wanted(BackendTls tls, String name, boolean http2) {}

  private record Made(String version, Outcome outcome) {}

  private final DesiredState desired;

  // Guarded by this; the one that was used last stands last.
  private final Map<Wanted, Made> made = new LinkedHashMap<>(16, 0.75f, true);

  TlsClients(DesiredState desired) {
    this.desired = desired;
  }

  /**
   * What speaks to a service's backends.
   *
   * @param service what they are called where the Ingress says nothing else
   */
  Outcome client(BackendTls tls, String service, BackendProtocol protocol) {
    Wanted wanted = new Wanted(tls, tls.nameOf(service), protocol.isHttp2());
    Optional<Obj> secret = tls.secret().flatMap(key -> desired.get(Resource.SECRETS, key));
    String version = secret.map(each -> Meta.of(each).resourceVersion()).orElse("");
    synchronized (this) {
      Made before = made.get(wanted);
      if (before != null && before.version().equals(version)) {
        return before.outcome();
      }
      end(before);
      Outcome outcome = make(wanted, secret);
      made.put(wanted, new Made(version, outcome));
      bound();
      return outcome;
    }
  }

  private void bound() {
    Iterator<Made> eldest = made.values().iterator();
    while (made.size() > MAX_KEPT) {
      end(eldest.next());
      eldest.remove();
    }
  }

  private static void end(@Nullable Made before) {
    if (before != null && before.outcome() instanceof Outcome.Usable(TlsClient client)) {
      client.end();
    }
  }

  private static Outcome make(Wanted wanted, Optional<Obj> secret) {
    Optional<ObjectKey> key = wanted.tls().secret();
    if (key.isPresent() && secret.isEmpty()) {
      return new Outcome.Unusable("Secret " + key.get() + " is missing");
    }
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient()
              .sslProvider(IngressCertificates.PROVIDER)
              .protocols("TLSv1.3", "TLSv1.2");
      Obj data = secret.orElse(Obj.EMPTY).obj("data");
      if (data.has("tls.crt") && data.has("tls.key")) {
        builder.keyManager(
            PemKey.parse(IngressCertificates.text(data, "tls.key")),
            IngressCertificates.chain(data, "tls.crt"));
      }
      verification(wanted.tls(), data).accept(builder);
      if (wanted.http2()) {
        builder.applicationProtocolConfig(HTTP2);
      }
      return new Outcome.Usable(new TlsClient(builder.build(), wanted.name()));
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      String where = key.map(each -> "Secret " + each + " cannot be used: ").orElse("");
      return new Outcome.Unusable(where + e.getMessage());
    }
  }

  private static Consumer<SslContextBuilder> verification(BackendTls tls, Obj data)
      throws GeneralSecurityException {
    if (!tls.verifies()) {
      return builder ->
          builder
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .endpointIdentificationAlgorithm(null);
    }
    if (tls.secret().isEmpty()) {
      return builder -> builder.endpointIdentificationAlgorithm("HTTPS"); // by what the JDK trusts
    }
    var authorities = IngressCertificates.chain(data, "ca.crt");
    return builder -> builder.trustManager(authorities).endpointIdentificationAlgorithm("HTTPS");
  }

  private static final ApplicationProtocolConfig HTTP2 =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2);
}
