package dev.wherry.agent.services;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells load balancers outside whether this node has endpoints of a service whose traffic stays on
 * the node ({@code healthCheckNodePort}): 200 where there are, else 503, as kube-proxy does. A
 * virtual thread for each port. Confined to one thread, but for the answers.
 */
final class HealthCheckPorts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthCheckPorts.class);
  private static final int BACKLOG = 16;

  /** Questions under way at a time; more wait in the kernel's queue. */
  private static final int MAX_CONNECTIONS = 16;

  private static final int TIMEOUT_MILLIS = 5_000;
  private static final int MAX_REQUEST_BYTES = 8_192;

  /**
   * What a port answers.
   *
   * @param localEndpoints of this node that are ready: with none, balancers outside let it drain
   */
  record Health(ObjectKey service, int localEndpoints) {}

  private final Map<Integer, ServerSocket> sockets = new HashMap<>();
  private final Map<Integer, Health> healths = new ConcurrentHashMap<>();
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);

  /** Serves these ports and no others. */
  void serve(Map<Integer, Health> wanted) {
    healths.putAll(wanted);
    healths.keySet().retainAll(wanted.keySet());
    sockets.entrySet().removeIf(each -> !wanted.containsKey(each.getKey()) && end(each.getValue()));
    for (int port : wanted.keySet()) {
      if (!sockets.containsKey(port)) {
        open(port);
      }
    }
  }

  private void open(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(port), BACKLOG);
      sockets.put(port, socket);
      Thread.ofVirtual().name("health-check-" + port).start(() -> accept(port, socket));
    } catch (IOException e) {
      LOG.warn("health check port {}: {}", port, e.getMessage());
    }
  }

  private static boolean end(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing: {}", e.getMessage());
    }
    return true;
  }

  private void accept(int port, ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        // Only now: ports that nobody asks must not keep the others from answering.
        connections.acquireUninterruptibly();
        Thread.startVirtualThread(() -> answer(port, connection));
      } catch (IOException e) {
        LOG.debug("health check port {}: {}", port, e.getMessage());
      }
    }
  }

  private void answer(int port, Socket connection) {
    try (connection) {
      connection.setSoTimeout(TIMEOUT_MILLIS);
      readHead(connection);
      Health health = healths.get(port);
      if (health != null) {
        connection.getOutputStream().write(render(health));
      }
    } catch (IOException e) {
      LOG.debug("health check port {}: {}", port, e.getMessage());
    } finally {
      connections.release();
    }
  }

  /** To the empty line: closing on what was not read would reset the connection. */
  private static void readHead(Socket connection) throws IOException {
    int newlines = 0;
    for (int i = 0; i < MAX_REQUEST_BYTES && newlines < 2; i++) {
      int next = connection.getInputStream().read();
      if (next < 0) {
        return;
      }
      newlines = next == '\n' ? newlines + 1 : next == '\r' ? newlines : 0;
    }
  }

  static byte[] render(Health health) {
    byte[] body =
        Json.write(
            Obj.of(
                "service",
                Obj.of("namespace", health.service().namespace(), "name", health.service().name()),
                "localEndpoints",
                health.localEndpoints(),
                "serviceProxyHealthy",
                true));
    String status = health.localEndpoints() > 0 ? "200 OK" : "503 Service Unavailable";
    String head =
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"
            + "X-Load-Balancing-Endpoint-Weight: "
            + health.localEndpoints()
            + "\r\nContent-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n";
    ByteArrayOutputStream response = new ByteArrayOutputStream();
    response.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    response.writeBytes(body);
    return response.toByteArray();
  }

  @Override
  public void close() {
    serve(Map.of());
  }
}
