package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import dev.wherry.agent.runtime.socket.UnixHttp.Hijacked;
import dev.wherry.agent.runtime.socket.UnixHttp.RefusedException;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One exec session of Podman: a process that runs in a container and whose streams come here. */
final class PodmanExec implements AutoCloseable {
  private static final Duration QUICK = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int MAX_POLLS = 500;

  /** What input the process has. */
  enum Input {
    NONE,
    STDIN,
    TERMINAL,
    TERMINAL_STDIN;

    boolean hasStdin() {
      return this == STDIN || this == TERMINAL_STDIN;
    }

    boolean isTerminal() {
      return this == TERMINAL || this == TERMINAL_STDIN;
    }

    static Input of(boolean stdin, boolean tty) {
      return tty ? stdin ? TERMINAL_STDIN : TERMINAL : stdin ? STDIN : NONE;
    }
  }

  private final UnixHttp http;
  private final String execId;
  private final Hijacked stream;
  private final Input input;

  private PodmanExec(UnixHttp http, String execId, Hijacked stream, Input input) {
    this.http = http;
    this.execId = execId;
    this.stream = stream;
    this.input = input;
  }

  /**
   * Starts the command. The timeout bounds the whole session; zero does not.
   *
   * @throws EngineException {@code NOT_RUNNING} or {@code NO_SUCH_CONTAINER}, or {@code REFUSED}
   *     when there is no such command
   */
  static PodmanExec start(
      UnixHttp http, String container, List<String> command, Input input, Duration timeout)
      throws EngineException {
    Obj create =
        Obj.of(
            "AttachStdin",
            input.hasStdin(),
            "AttachStdout",
            true,
            "AttachStderr",
            true,
            "Tty",
            input.isTerminal(),
            "Cmd",
            command);
    try {
      Answer made = http.post(path("/containers/" + container + "/exec"), create, QUICK);
      if (!made.ok()) {
        throw refused(made);
      }
      String id = made.json().string("Id");
      Hijacked stream =
          http.hijack(
              path("/exec/" + id + "/start"), Obj.of("Detach", false, "Tty", input.isTerminal()));
      if (!timeout.isZero()) {
        closeAfter(stream, timeout);
      }
      return new PodmanExec(http, id, stream, input);
    } catch (RefusedException e) {
      throw refused(e.answer());
    } catch (EngineException e) {
      throw e;
    } catch (IOException e) {
      throw PodmanRuntime.unreachable(e);
    }
  }

  private static void closeAfter(Hijacked stream, Duration timeout) {
    Thread.startVirtualThread(
        () -> {
          try {
            Thread.sleep(timeout);
            stream.close();
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static String path(String rest) {
    return PodmanRuntime.LIBPOD + rest;
  }

  private static EngineException refused(Answer answer) {
    Cause cause =
        switch (answer.status()) {
          case 404 -> Cause.NO_SUCH_CONTAINER;
          case 409 -> Cause.NOT_RUNNING;
          default -> Cause.REFUSED;
        };
    return new EngineException(cause, PodmanRuntime.message(answer));
  }

  Hijacked stream() {
    return stream;
  }

  boolean isTerminal() {
    return input.isTerminal();
  }

  /** Reads both outputs to their end. */
  void copyBoth(OutputStream out) throws IOException {
    if (isTerminal()) {
      stream.input().transferTo(out);
    } else {
      Demultiplexer.copy(stream.input(), out, out);
    }
  }

  void resize(int columns, int rows) throws IOException {
    Answer answer =
        http.post(path("/exec/" + execId + "/resize?h=" + rows + "&w=" + columns), QUICK);
    if (!answer.ok()) {
      throw refused(answer);
    }
  }

  /** The exit code once the process has ended; its streams end slightly earlier. */
  Optional<Integer> await() throws IOException {
    for (int i = 0; i < MAX_POLLS; i++) {
      Answer answer = http.get(path("/exec/" + execId + "/json"), QUICK);
      if (!answer.ok()) {
        throw refused(answer);
      }
      Obj json = answer.json();
      if (!json.flag("Running")) {
        return Optional.of((int) json.number("ExitCode", 0));
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for an exit code", e);
      }
    }
    return Optional.empty();
  }

  InputStream rawOutput() {
    return stream.input();
  }

  @Override
  public void close() {
    stream.close();
  }
}
