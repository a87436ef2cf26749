package dev.wherry.master.http;

import dev.wherry.master.access.Entrance;
import dev.wherry.master.registry.Connector;
import io.micronaut.context.ApplicationContext;
import io.micronaut.http.server.exceptions.ServerStartupException;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Kubernetes API over HTTPS, HTTP/1.1 and HTTP/2. Micronaut gives the server, its TLS and its
 * life; the API's paths are served by one handler of ours in its pipeline, since watches and
 * upgrades fit no controller.
 */
public final class HttpFrontEnd implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFrontEnd.class);
  private static final int EVENT_LOOP_THREADS = 2;
  private static final int MAX_HEADER_BYTES = 32 * 1024;
  private static final int MAX_HTTP2_STREAMS = 250;

  private final ApplicationContext context;
  private final EmbeddedServer server;
  private final ServerTls tls;

  private HttpFrontEnd(ApplicationContext context, EmbeddedServer server, ServerTls tls) {
    this.context = context;
    this.server = server;
    this.tls = tls;
  }

  /**
   * Listens and serves; returns when connections are taken.
   *
   * @param checks that the health endpoints ask
   * @throws IOException with a message for the user, when the port is taken or a certificate cannot
   *     be made
   */
  public static HttpFrontEnd start(
      HttpOptions options, Entrance entrance, Connector connector, List<HealthCheck> checks)
      throws IOException {
    ServerTls tls = new ServerTls(options.authority(), options.frontProxies(), options.names());
    InstantSource clock = InstantSource.system();
    ApiService service =
        new ApiService(
            entrance,
            new ObjectRequests(entrance, clock),
            new WatchRequests(entrance, clock),
            new StreamRequests(entrance, connector),
            new OpenApiDocuments(options.openApiDirectory()),
            new Health(checks),
            serverAddress(options));
    Dispatcher dispatcher =
        new Dispatcher(
            new Authentication(options.authority(), options.frontProxies(), entrance),
            new Recording(entrance.audit(), clock),
            service);
    ApplicationContext context =
        ApplicationContext.builder()
            .banner(false)
            .deduceEnvironment(false)
            .environmentPropertySource(false)
            .enableDefaultPropertySources(false)
            .properties(properties(options))
            .singletons(dispatcher, tls)
            .build();
    try {
      context.start();
      EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
      LOG.info(
          "the API is served on {}:{}", options.bindAddress().getHostAddress(), server.getPort());
      return new HttpFrontEnd(context, server, tls);
    } catch (ServerStartupException e) {
      context.close();
      throw cannotListen(options, e);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  private static Map<String, Object> properties(HttpOptions options) {
    Map<String, Object> properties = new HashMap<>();
    int port = options.port() == 0 ? -1 : options.port(); // Micronaut's word for any
    properties.put("micronaut.server.host", options.bindAddress().getHostAddress());
    properties.put("micronaut.server.ssl.enabled", true);
    properties.put("micronaut.server.ssl.port", port);
    properties.put("micronaut.server.http-version", "2.0");
    // Watches are quiet for as long as nothing happens.
    properties.put("micronaut.server.idle-timeout", "-1s");
    properties.put("micronaut.server.read-idle-timeout", "-1s");
    properties.put("micronaut.server.write-idle-timeout", "-1s");
    // The newer path of HTTP/2 has no pipeline for each stream, where our handler stands.
    properties.put("micronaut.server.netty.legacy-multiplex-handlers", true);
    properties.put("micronaut.server.netty.max-header-size", MAX_HEADER_BYTES);
    properties.put("micronaut.server.netty.max-initial-line-length", MAX_HEADER_BYTES);
    properties.put("micronaut.server.netty.http2.max-concurrent-streams", MAX_HTTP2_STREAMS);
    properties.put("micronaut.server.netty.parent.threads", 1);
    properties.put("micronaut.netty.event-loops.default.num-threads", EVENT_LOOP_THREADS);
    return properties;
  }

  private static String serverAddress(HttpOptions options) {
    return options.names().addresses().stream()
            .filter(address -> !address.isLoopbackAddress())
            .findFirst()
            .orElse(InetAddress.getLoopbackAddress())
            .getHostAddress()
        + ":"
        + options.port();
  }

  private static IOException cannotListen(HttpOptions options, ServerStartupException failure) {
    String address = options.bindAddress().getHostAddress() + ":" + options.port();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException) {
        return new IOException("cannot listen on " + address + ": " + cause.getMessage(), failure);
      }
    }
    return new IOException("cannot listen on " + address + ": " + failure.getMessage(), failure);
  }

  /** Where it listens. */
  public int port() {
    return server.getPort();
  }

  /**
   * Takes a new server certificate where the old one nears its end; connections that stand keep the
   * old one. To be called once a day.
   */
  public void renewCertificate() throws IOException {
    tls.renew();
  }

  @Override
  public void close() {
    context.close();
  }
}
