package dev.wherry.agent.runtime.socket;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A client of an HTTP API on a unix socket. Each request has a connection of its own: opening one
 * costs microseconds there, and a hijacked stream needs it anyhow. Thread-safe.
 *
 * <p>Why not docker-java for all: its hijacked streams never end on the end of standard input, and
 * loading it costs tens of megabytes of memory.
 */
public final class UnixHttp {
  private static final byte[] NO_BODY = new byte[0];
  private static final byte[] END_OF_LINE = {'\r', '\n'};
  private static final long UNKNOWN_LENGTH = -1;
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int MAX_ANSWER_BYTES = 64 * 1024 * 1024;

  private final Path socket;

  public UnixHttp(Path socket) {
    this.socket = socket;
  }

  public Path socket() {
    return socket;
  }

  /**
   * A whole answer.
   *
   * @param headers by their names in lower case
   */
  public record Answer(int status, byte[] body, Map<String, String> headers) {
    public boolean ok() {
      return status >= 200 && status < 300 || status == 304;
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** The JSON object, or an empty one where the body is empty. */
    public Obj json() {
      return body.length == 0 ? Obj.EMPTY : Json.read(body);
    }

    /** Any JSON value. */
    public Object jsonValue() {
      return Json.readValue(body, _ -> {});
    }

    /** The engine's {@code message}, or the whole text. */
    public String message() {
      String text = text().strip();
      if (text.startsWith("{")) {
        Obj json = Json.read(body);
        return json.string("message", json.string("cause", text));
      }
      return text;
    }
  }

  /** A hijacked connection: what the engine sent after its head, and where to write to. */
  public record Hijacked(UnixStream stream, InputStream input) implements AutoCloseable {
    public OutputStream output() {
      return stream.output();
    }

    @Override
    public void close() {
      stream.close();
    }
  }

  public Answer get(String path, Duration timeout) throws IOException {
    return send("GET", path, NO_BODY, "", timeout);
  }

  public Answer delete(String path, Duration timeout) throws IOException {
    return send("DELETE", path, NO_BODY, "", timeout);
  }

  public Answer post(String path, Duration timeout) throws IOException {
    return send("POST", path, NO_BODY, "", timeout);
  }

  public Answer post(String path, Obj body, Duration timeout) throws IOException {
    return send("POST", path, Json.write(body), "application/json", timeout);
  }

  /** Posts a tar archive of unknown length (RFC 9112, 7.1). */
  public Answer postTar(String path, InputStream tar, Duration timeout) throws IOException {
    return exchange(
        "POST " + path,
        timeout,
        stream -> {
          OutputStream out = stream.output();
          out.write(head("POST", path, "application/x-tar", UNKNOWN_LENGTH, "close"));
          byte[] chunk = new byte[CHUNK_BYTES];
          int length = tar.read(chunk);
          while (isTaken(out, chunk, Math.max(0, length)) && length > 0) {
            length = tar.read(chunk);
          }
        });
  }

  /**
   * Sends a chunk, where it is empty the end; whether the engine took it. One that has answered
   * already, such as that its disk is full, does not.
   */
  private static boolean isTaken(OutputStream out, byte[] chunk, int length) throws IOException {
    try {
      out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(chunk, 0, length);
      out.write(END_OF_LINE);
      return true;
    } catch (ClosedChannelException e) {
      throw e; // closed here, since it took too long
    } catch (IOException _) {
      return false; // its answer says why, or its end does
    }
  }

  /**
   * Sends a request and keeps the connection as a stream (101, or 200 without a length).
   *
   * @throws RefusedException when the engine answers anything else
   */
  public Hijacked hijack(String path, Obj body) throws IOException {
    return hijack(path, Json.write(body), "application/json");
  }

  /** As {@link #hijack(String, Obj)} without a body: Podman gives one to an attached process. */
  public Hijacked hijack(String path) throws IOException {
    return hijack(path, NO_BODY, "");
  }

  /**
   * Gets an answer that goes on for as long as the engine has something to say.
   *
   * @throws RefusedException when the engine does not answer 200
   */
  public Hijacked stream(String path) throws IOException {
    UnixStream stream = UnixStream.open(socket);
    try {
      write(stream, head("GET", path, "", 0, "close"), NO_BODY);
      HttpReader reader = new HttpReader(stream.input());
      HttpReader.Head head = reader.head();
      if (head.status() != 200) {
        byte[] message = reader.body(head).readNBytes(MAX_ANSWER_BYTES);
        throw new RefusedException(new Answer(head.status(), message, head.headers()));
      }
      return new Hijacked(stream, reader.body(head));
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private Hijacked hijack(String path, byte[] body, String contentType) throws IOException {
    UnixStream stream = UnixStream.open(socket);
    try {
      write(stream, head("POST", path, contentType, body.length, "Upgrade"), body);
      HttpReader reader = new HttpReader(stream.input());
      HttpReader.Head head = reader.head();
      if (head.status() != 101 && head.status() != 200) {
        byte[] message = reader.body(head).readNBytes(MAX_ANSWER_BYTES);
        throw new RefusedException(new Answer(head.status(), message, head.headers()));
      }
      return new Hijacked(stream, reader.raw());
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  /** The engine refused to hijack; carries its answer. */
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient Answer answer;

    RefusedException(Answer answer) {
      super(answer.message());
      this.answer = answer;
    }

    public Answer answer() {
      return answer;
    }
  }

  /** A query parameter's or path segment's value, percent-encoded. */
  public static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private Answer send(String method, String path, byte[] body, String type, Duration timeout)
      throws IOException {
    return exchange(
        method + " " + path,
        timeout,
        stream -> write(stream, head(method, path, type, body.length, "close"), body));
  }

  /** Writes a request. */
  private interface Request {
    void writeTo(UnixStream stream) throws IOException;
  }

  /**
   * @param what is asked, for the words of a failure
   * @throws SocketTimeoutException when the whole answer is not here in time
   */
  private Answer exchange(String what, Duration timeout, Request request) throws IOException {
    try (UnixStream stream = UnixStream.open(socket);
        Watchdog watchdog = Watchdog.over(stream, timeout)) {
      try {
        request.writeTo(stream);
        return answer(stream);
      } catch (ClosedChannelException e) {
        if (!watchdog.hasBitten()) {
          throw e;
        }
        SocketTimeoutException late =
            new SocketTimeoutException(
                "no answer to " + what + " within " + timeout.toMillis() / 1000.0 + " s");
        late.initCause(e);
        throw late;
      }
    }
  }

  private static Answer answer(UnixStream stream) throws IOException {
    HttpReader reader = new HttpReader(stream.input());
    HttpReader.Head head = reader.head();
    byte[] body = reader.body(head).readNBytes(MAX_ANSWER_BYTES);
    return new Answer(head.status(), body, head.headers());
  }

  private static void write(UnixStream stream, byte[] head, byte[] body) throws IOException {
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    stream.output().write(all);
  }

  private static byte[] head(
      String method, String path, String type, long length, String connection) {
    StringBuilder head = new StringBuilder(200);
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: d\r\n");
    head.append("Connection: ").append(connection).append("\r\n");
    if (connection.equals("Upgrade")) {
      head.append("Upgrade: tcp\r\n");
    }
    if (!type.isEmpty()) {
      head.append("Content-Type: ").append(type).append("\r\n");
    }
    if (length == UNKNOWN_LENGTH) {
      head.append("Transfer-Encoding: chunked\r\n");
    } else if (!method.equals("GET")) {
      head.append("Content-Length: ").append(length).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Closes a stream whose exchange takes too long; its reader then fails. */
  private record Watchdog(CountDownLatch done, AtomicBoolean bitten) implements AutoCloseable {
    static Watchdog over(UnixStream stream, Duration timeout) {
      CountDownLatch done = new CountDownLatch(1);
      AtomicBoolean bitten = new AtomicBoolean();
      Thread.startVirtualThread(
          () -> {
            try {
              if (!done.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                bitten.set(true);
                stream.close();
              }
            } catch (InterruptedException _) {
              Thread.currentThread().interrupt();
            }
          });
      return new Watchdog(done, bitten);
    }

    boolean hasBitten() {
      return bitten.get();
    }

    @Override
    public void close() {
      done.countDown();
    }
  }
}
