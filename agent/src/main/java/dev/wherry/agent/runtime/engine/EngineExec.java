package dev.wherry.agent.runtime.engine;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.ExecResult;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import dev.wherry.agent.runtime.socket.UnixHttp.Hijacked;
import dev.wherry.agent.runtime.socket.UnixHttp.RefusedException;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An exec session of an engine: a process that runs in a container and whose streams come here. */
public final class EngineExec implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineExec.class);
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

  private final EngineApi api;
  private final String execId;
  private final Hijacked stream;
  private final Input input;
  private volatile boolean timedOut;
  private volatile @Nullable Thread watchdog;

  private EngineExec(EngineApi api, String execId, Hijacked stream, Input input) {
    this.api = api;
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
  static EngineExec start(
      EngineApi api, String container, List<String> command, Input input, Duration timeout)
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
      Answer made = api.post("/containers/" + container + "/exec", create, QUICK);
      if (!made.ok()) {
        throw refused(made);
      }
      String id = made.json().string("Id");
      Hijacked stream =
          api.http()
              .hijack(
                  api.prefix() + "/exec/" + id + "/start",
                  Obj.of("Detach", false, "Tty", input.isTerminal()));
      EngineExec exec = new EngineExec(api, id, stream, input);
      if (!timeout.isZero()) {
        exec.watchdog = Thread.startVirtualThread(() -> exec.endAfter(timeout));
      }
      return exec;
    } catch (RefusedException e) {
      throw refused(e.answer());
    } catch (EngineException e) {
      throw e;
    } catch (IOException e) {
      throw EngineApi.unreachable(e);
    }
  }

  /** Ends the process and the session; without it a probe that hangs leaves a process a period. */
  private void endAfter(Duration timeout) {
    try {
      Thread.sleep(timeout);
    } catch (InterruptedException _) {
      return; // it has ended in time
    }
    timedOut = true;
    try {
      Obj json = api.get("/exec/" + execId + "/json").json();
      if (json.flag("Running") && json.number("Pid", 0) > 0) {
        ProcessHandle.of(json.number("Pid", 0)).ifPresent(ProcessHandle::destroyForcibly);
      }
    } catch (IOException e) {
      LOG.warn("the process of exec session {} may run on: {}", execId, e.getMessage());
    } finally {
      stream.close();
    }
  }

  /** Whether it was ended because its time was over. */
  boolean hasTimedOut() {
    return timedOut;
  }

  private static EngineException refused(Answer answer) {
    Cause cause =
        switch (answer.status()) {
          case 404 -> Cause.NO_SUCH_CONTAINER;
          case 409 -> Cause.NOT_RUNNING;
          default -> Cause.REFUSED;
        };
    return new EngineException(cause, EngineApi.message(answer));
  }

  /**
   * Runs a command to its end without input; its exit code and the beginning of its output.
   *
   * @throws EngineException also {@code TIMED_OUT}, when it was ended for that
   */
  public static ExecResult run(
      EngineApi api, String container, List<String> command, Duration timeout)
      throws EngineException {
    try (EngineExec exec = start(api, container, command, Input.NONE, timeout)) {
      try {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        exec.copyBoth(bounded(output));
        int code = exec.await().orElse(-1);
        if (!exec.hasTimedOut()) {
          return new ExecResult(code, output.toString(StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        if (!exec.hasTimedOut()) {
          throw e;
        }
      }
      throw EngineException.timedOut(command, timeout);
    } catch (EngineException e) {
      throw e;
    } catch (IOException e) {
      throw EngineApi.unreachable(e);
    }
  }

  private static OutputStream bounded(ByteArrayOutputStream kept) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        int room = ContainerRuntime.MAX_EXEC_OUTPUT_BYTES - kept.size();
        kept.write(bytes, offset, Math.min(length, room));
      }
    };
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
    Answer answer = api.post("/exec/" + execId + "/resize?h=" + rows + "&w=" + columns, QUICK);
    if (!answer.ok()) {
      throw refused(answer);
    }
  }

  /** The exit code once the process has ended; its streams end slightly earlier. */
  Optional<Integer> await() throws IOException {
    for (int i = 0; i < MAX_POLLS; i++) {
      Answer answer = api.get("/exec/" + execId + "/json");
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

  /**
   * What a closed terminal does to what runs on it: SIGHUP to the process and its group. One that
   * ignores it runs on, as {@code nohup} has it; one that has ended is no failure.
   */
  void hangUp() {
    try {
      Obj json = api.get("/exec/" + execId + "/json").json();
      long pid = json.number("Pid", 0);
      if (json.flag("Running") && pid > 0) {
        // The engine's runtime makes each process the leader of a session, and so of a group.
        Command.of("sh", "-c", "kill -s HUP -- -$0", Long.toString(pid)).run();
      }
    } catch (IOException e) {
      LOG.debug("the process of exec session {} may run on: {}", execId, e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  InputStream rawOutput() {
    return stream.input();
  }

  @Override
  public void close() {
    Thread watching = watchdog;
    if (watching != null && !timedOut) {
      watching.interrupt();
    }
    stream.close();
  }
}
