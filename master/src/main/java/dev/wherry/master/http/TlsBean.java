package dev.wherry.master.http;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.server.netty.ssl.CertificateProvidedSslBuilder;
import io.micronaut.http.server.netty.ssl.ServerSslBuilder;
import io.micronaut.http.ssl.ServerSslConfiguration;
import io.netty.handler.ssl.SslContext;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Gives Micronaut our TLS in place of one from key stores. */
@Singleton
@Replaces(CertificateProvidedSslBuilder.class)
final class TlsBean implements ServerSslBuilder {
  private final ServerTls tls;
  private final ServerSslConfiguration configuration;

  TlsBean(ServerTls tls, ServerSslConfiguration configuration) {
    this.tls = tls;
    this.configuration = configuration;
  }

  @Override
  public ServerSslConfiguration getSslConfiguration() {
    return configuration;
  }

  @Override
  public Optional<SslContext> build() {
    try {
      return Optional.of(tls.context());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
