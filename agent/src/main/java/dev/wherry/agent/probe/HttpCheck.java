package dev.wherry.agent.probe;

import dev.wherry.api.view.Handler;
import dev.wherry.api.view.Handler.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * One HTTP GET of a probe or a hook. Written by hand: a request and the head of an answer are all
 * it takes, and an HTTP client would cost threads and memory on every node. Certificates are not
 * checked (v1.HTTPGetAction). The whole exchange has one deadline. Immutable.
 *
 * @param path with its query
 */
record HttpCheck(String scheme, String host, int port, String path, Handler.HttpGet get) {
  private static final int MAX_HEAD_BYTES = 16 * 1024;
  private static final int MAX_BODY_BYTES = 10 * 1024;
  private static final int MAX_REDIRECTS = 10;

  /**
   * What came back; a redirect that leads to another host is not followed.
   *
   * @param body at most 10 KiB of it
   */
  record Answer(int status, String location, String body) {
    boolean isRedirect() {
      return status >= 300 && status < 400 && !location.isEmpty();
    }
  }

  static HttpCheck of(Handler.HttpGet get, String host, int port) {
    String path = get.path().startsWith("/") ? get.path() : "/" + get.path();
    return new HttpCheck(get.scheme().toLowerCase(Locale.ROOT), host, port, path, get);
  }

  String url() {
    return scheme + "://" + host + ":" + port + path;
  }

  /** Asks, and follows redirects within the same host as kubelet does. */
  Answer follow(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    HttpCheck check = this;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      Answer answer = check.ask(deadline);
      Optional<HttpCheck> next =
          answer.isRedirect() ? check.to(answer.location()) : Optional.empty();
      if (next.isEmpty()) {
        return answer;
      }
      check = next.get();
    }
    throw new IOException("stopped after " + MAX_REDIRECTS + " redirects");
  }

  private Optional<HttpCheck> to(String location) {
    try {
      URI target = URI.create(url()).resolve(location);
      if (!host.equals(target.getHost()) || target.getScheme() == null) {
        return Optional.empty();
      }
      int standard = target.getScheme().equals("https") ? 443 : 80;
      String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
      String file = target.getRawPath() == null ? "" : target.getRawPath();
      return Optional.of(
          new HttpCheck(
              target.getScheme(),
              host,
              target.getPort() < 0 ? standard : target.getPort(),
              (file.isEmpty() ? "/" : file) + query,
              get));
    } catch (IllegalArgumentException _) {
      return Optional.empty(); // no place to go to: the redirect itself is the answer
    }
  }

  private Answer ask(long deadline) throws IOException {
    try (Socket plain = new Socket()) {
      connect(plain, host, port, millis(deadline));
      plain.setSoTimeout(millis(deadline));
      try (Socket socket = scheme.equals("https") ? secured(plain) : plain) {
        socket.getOutputStream().write(request().getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        return read(plain, socket.getInputStream(), deadline);
      }
    } catch (SocketTimeoutException e) {
      throw new IOException(
          "context deadline exceeded (Client.Timeout exceeded while awaiting headers)", e);
    }
  }

  /** Connects, failing in the words that kubelet's users know. */
  static void connect(Socket socket, String host, int port, int timeoutMillis) throws IOException {
    String dial = "dial tcp " + host + ":" + port + ": ";
    try {
      socket.connect(new InetSocketAddress(host, port), timeoutMillis);
    } catch (SocketTimeoutException e) {
      throw new IOException(dial + "i/o timeout", e);
    } catch (ConnectException e) {
      String message = String.valueOf(e.getMessage());
      throw new IOException(dial + "connect: " + message.toLowerCase(Locale.ROOT), e);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(dial + e.getMessage(), e);
    }
  }

  private static int millis(long deadline) throws SocketTimeoutException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      throw new SocketTimeoutException("no time is left");
    }
    return (int) Math.min(left, Integer.MAX_VALUE);
  }

  private String request() {
    StringBuilder request = new StringBuilder(160);
    request.append("GET ").append(path).append(" HTTP/1.1\r\nConnection: close\r\n");
    boolean hostGiven = false;
    boolean agentGiven = false;
    boolean acceptGiven = false;
    for (Header each : get.headers()) {
      hostGiven |= each.name().equalsIgnoreCase("Host");
      agentGiven |= each.name().equalsIgnoreCase("User-Agent");
      acceptGiven |= each.name().equalsIgnoreCase("Accept");
      if (!each.value().isEmpty()) {
        request.append(each.name()).append(": ").append(each.value()).append("\r\n");
      }
    }
    if (!hostGiven) {
      request.append("Host: ").append(host).append(':').append(port).append("\r\n");
    }
    if (!agentGiven) {
      request.append("User-Agent: kube-probe/1.36\r\n");
    }
    if (!acceptGiven) {
      request.append("Accept: */*\r\n");
    }
    return request.append("\r\n").toString();
  }

  private static Answer read(Socket plain, InputStream in, long deadline) throws IOException {
    String text = head(plain, in, deadline);
    if (!text.startsWith("HTTP/") || text.length() < 12) {
      String first = text.lines().findFirst().orElse("");
      throw new IOException(
          text.isEmpty() ? "EOF" : "malformed HTTP response \"" + first.strip() + "\"");
    }
    int status;
    try {
      status = Integer.parseInt(text, 9, 12, 10);
    } catch (NumberFormatException e) {
      throw new IOException("malformed HTTP status code \"" + text.substring(9, 12) + "\"", e);
    }
    return new Answer(status, header(text, "location"), body(plain, in, deadline));
  }

  /** All up to the empty line. */
  private static String head(Socket plain, InputStream in, long deadline) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream(512);
    int inLine = 0;
    while (head.size() < MAX_HEAD_BYTES) {
      plain.setSoTimeout(millis(deadline));
      int next = in.read();
      if (next < 0 || next == '\n' && inLine == 0 && head.size() > 0) {
        break;
      }
      head.write(next);
      inLine = next == '\n' ? 0 : next == '\r' ? inLine : inLine + 1;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static String header(String head, String name) {
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  /** A server that is cut off while it writes may log an error at every probe. */
  private static String body(Socket plain, InputStream in, long deadline) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(256);
    byte[] buffer = new byte[2048];
    try {
      while (body.size() < MAX_BODY_BYTES) {
        plain.setSoTimeout(millis(deadline));
        int count = in.read(buffer);
        if (count < 0) {
          break;
        }
        body.write(buffer, 0, count);
      }
    } catch (IOException _) {
      // The status has been read: the rest of the body does not matter.
    }
    return body.toString(StandardCharsets.UTF_8);
  }

  private Socket secured(Socket plain) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
      return context.getSocketFactory().createSocket(plain, host, port, true);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }
}
