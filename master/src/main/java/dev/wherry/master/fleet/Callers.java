package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.cert.X509Certificate;
import java.util.function.Function;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Finds out who calls, before a call reaches its service. */
final class Callers {
  private static final String NODE_PREFIX = "system:node:";
  private static final Context.Key<Caller> KEY =
      Context.keyWithDefault("caller", new Caller.Unknown());

  private Callers() {}

  /** Who makes the call that is being served. */
  static Caller current() {
    return KEY.get();
  }

  /** Every call through this interceptor is this caller's. */
  static ServerInterceptor always(Caller caller) {
    return by(_ -> caller);
  }

  /** Who calls is told by the call's TLS session. */
  static ServerInterceptor byCertificate() {
    return by(
        call -> {
          SSLSession tls = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
          return tls == null ? new Caller.Unknown() : shown(tls);
        });
  }

  private static Caller shown(SSLSession tls) {
    try {
      if (tls.getPeerCertificates()[0] instanceof X509Certificate certificate) {
        for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
          if (part.getType().equalsIgnoreCase("CN")
              && part.getValue() instanceof String name
              && name.startsWith(NODE_PREFIX)) {
            return new Caller.Certified(
                new NodeName(name.substring(NODE_PREFIX.length())),
                JoinToken.keyHash(certificate.getPublicKey().getEncoded()));
          }
        }
      }
      return new Caller.Unknown();
    } catch (SSLPeerUnverifiedException | InvalidNameException _) {
      return new Caller.Unknown(); // it shows no certificate: it may enrol and nothing else
    }
  }

  private static ServerInterceptor by(Function<ServerCall<?, ?>, Caller> who) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return Contexts.interceptCall(
            Context.current().withValue(KEY, who.apply(call)), call, headers, next);
      }
    };
  }
}
