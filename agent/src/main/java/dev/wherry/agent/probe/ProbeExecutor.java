package dev.wherry.agent.probe;

import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.Handler;
import dev.wherry.api.view.Handler.Header;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Runs one probe or hook. HTTP is written by hand: a request and a status line are all it takes,
 * and an HTTP client would cost threads and memory on every node. Thread-safe; blocks.
 */
public final class ProbeExecutor {
  private static final int MAX_BODY_BYTES = 10 * 1024;
  private final ContainerRuntime runtime;

  public ProbeExecutor(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /** The message is kubelet's, for the event of a failure. */
  public record Result(Verdict verdict, String message) {
    static Result success(String message) {
      return new Result(Verdict.SUCCESS, message);
    }

    static Result failure(String message) {
      return new Result(Verdict.FAILURE, message);
    }
  }

  /**
   * @param podIp where ports are reached unless the handler names a host
   */
  public Result run(
      Handler handler, ContainerView container, String id, String podIp, Duration timeout) {
    return switch (handler) {
      case Handler.Exec exec -> exec(id, exec.command(), timeout);
      case Handler.HttpGet get -> http(get, container, podIp, timeout);
      case Handler.TcpSocket tcp ->
          tcp(host(tcp.host(), podIp), port(tcp.port(), container), timeout);
      case Handler.Grpc grpc -> tcp(podIp, grpc.port(), timeout);
      case Handler.Sleep _, Handler.None _ -> Result.success("");
    };
  }

  private Result exec(String id, List<String> command, Duration timeout) {
    try {
      ContainerRuntime.ExecResult result = runtime.exec(id, command, timeout);
      return result.exitCode() == 0
          ? Result.success(result.output())
          : Result.failure(result.output());
    } catch (EngineException e) {
      return Result.failure(String.valueOf(e.getMessage()));
    }
  }

  private static Result tcp(String host, int port, Duration timeout) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
      return Result.success("");
    } catch (IOException e) {
      return Result.failure("dial tcp " + host + ":" + port + ": " + words(e));
    }
  }

  private static Result http(
      Handler.HttpGet get, ContainerView container, String podIp, Duration timeout) {
    String host = host(get.host(), podIp);
    int port = port(get.port(), container);
    String path = get.path().startsWith("/") ? get.path() : "/" + get.path();
    boolean tls = get.scheme().equals("HTTPS");
    String url = (tls ? "https://" : "http://") + host + ":" + port + path;
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
      plain.setSoTimeout((int) timeout.toMillis());
      try (Socket socket = tls ? secured(plain, host, port) : plain) {
        return answer(socket, get, host, port, path);
      }
    } catch (IOException e) {
      return Result.failure("Get \"" + url + "\": " + words(e));
    }
  }

  private static Result answer(
      Socket socket, Handler.HttpGet get, String host, int port, String path) throws IOException {
    StringBuilder request = new StringBuilder(160);
    request.append("GET ").append(path).append(" HTTP/1.1\r\nConnection: close\r\n");
    boolean hostGiven = false;
    boolean agentGiven = false;
    for (Header each : get.headers()) {
      hostGiven |= each.name().equalsIgnoreCase("Host");
      agentGiven |= each.name().equalsIgnoreCase("User-Agent");
      request.append(each.name()).append(": ").append(each.value()).append("\r\n");
    }
    if (!hostGiven) {
      request.append("Host: ").append(host).append(':').append(port).append("\r\n");
    }
    if (!agentGiven) {
      request.append("User-Agent: kube-probe/1.36\r\nAccept: */*\r\n");
    }
    socket
        .getOutputStream()
        .write(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    InputStream in = socket.getInputStream();
    String answer = new String(in.readNBytes(12), StandardCharsets.ISO_8859_1);
    if (answer.length() < 12 || !answer.startsWith("HTTP/")) {
      return Result.failure("malformed HTTP response \"" + answer.strip() + "\"");
    }
    int status = Integer.parseInt(answer, 9, 12, 10);
    drain(in);
    return status >= 200 && status < 400
        ? Result.success("")
        : Result.failure("HTTP probe failed with statuscode: " + status);
  }

  /** A server that is cut off while it writes may log an error at every probe. */
  private static void drain(InputStream in) {
    try {
      in.readNBytes(MAX_BODY_BYTES);
    } catch (IOException _) {
      // The status has been read: the body does not matter.
    }
  }

  /** Probes do not check certificates (v1.HTTPGetAction). */
  private static Socket secured(Socket plain, String host, int port) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
      return context.getSocketFactory().createSocket(plain, host, port, true);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static String host(String given, String podIp) {
    return given.isEmpty() ? podIp : given;
  }

  /** A number, or the name of one of the container's ports; 0 for neither. */
  private static int port(String port, ContainerView container) {
    if (!port.isEmpty() && port.chars().allMatch(Character::isDigit)) {
      return Integer.parseInt(port);
    }
    return container.ports().stream()
        .filter(each -> each.name().equals(port))
        .findFirst()
        .map(ContainerPort::containerPort)
        .orElse(0);
  }

  private static String words(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
