package dev.wherry.agent.runtime.podman;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.ExecResult;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Commands without input that run in containers, started by the OCI runtime itself. A session of
 * Podman's leaves a conmon in the pod's control group for the time in which its exit code may be
 * asked, and writes the container's state; probes once a second would fill the group and wear the
 * disk. Thread-safe.
 *
 * <p>Source: runc-exec(8), crun(1).
 */
final class RuntimeExec {
  /** For output that, with crun, a process in the background still holds open at the end. */
  private static final Duration LAST_OUTPUT = Duration.ofMillis(500);

  private static final Pattern RUNC_ERROR =
      Pattern.compile("(?m)^time=\\S+ level=error msg=\"(.*)\"$");

  private final String program;
  private final Path directory;

  /**
   * @param program path or name of the OCI runtime that runs the containers
   * @param directory for a file of each running command; made when needed
   */
  RuntimeExec(String program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  /**
   * Runs a command to its end.
   *
   * @throws EngineException {@code TIMED_OUT}, {@code NO_SUCH_CONTAINER}, {@code NOT_RUNNING}, or
   *     {@code REFUSED} where it cannot be started
   */
  ExecResult run(String container, List<String> command, Duration timeout) throws EngineException {
    try {
      Files.createDirectories(directory);
      Path pidFile = Files.createTempFile(directory, "exec", ".pid");
      Files.delete(pidFile); // there again once the command has been started
      try {
        return run(container, command, timeout, pidFile);
      } finally {
        Files.deleteIfExists(pidFile);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(Cause.UNREACHABLE, "interrupted while a command ran", e);
    } catch (EngineException e) {
      throw e;
    } catch (IOException e) {
      throw new EngineException(
          Cause.UNREACHABLE, program + " cannot be run: " + e.getMessage(), e);
    }
  }

  private ExecResult run(String container, List<String> command, Duration timeout, Path pidFile)
      throws IOException, InterruptedException {
    // Without a terminal even where the container has one.
    List<String> argv =
        new ArrayList<>(
            List.of(program, "exec", "--tty=false", "--pid-file", pidFile.toString(), container));
    argv.addAll(command);
    Process process =
        new ProcessBuilder(argv)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try (Output output = new Output(process.getInputStream())) {
      if (!process.waitFor(timeout.toMillis(), MILLISECONDS)) {
        end(pidFile);
        throw EngineException.timedOut(command, timeout);
      }
      String text = output.await(LAST_OUTPUT);
      if (process.exitValue() != 0 && !Files.exists(pidFile)) {
        throw notStarted(text.strip());
      }
      return new ExecResult(process.exitValue(), text);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Ends the command; the end of the runtime's process alone would leave it running. */
  private static void end(Path pidFile) throws IOException {
    try {
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    } catch (NoSuchFileException | NumberFormatException _) {
      // It was not started, and will not be without the runtime's process.
    }
  }

  private static EngineException notStarted(String output) {
    String words = message(output);
    Cause cause = Cause.REFUSED;
    if (words.contains("does not exist")) {
      cause = Cause.NO_SUCH_CONTAINER;
    } else if (words.contains("stopped container") || words.contains("not running")) {
      cause = Cause.NOT_RUNNING;
    }
    return new EngineException(cause, words);
  }

  /** Without the time that runc puts before it: an event that recurs has the same words. */
  static String message(String output) {
    Matcher line = RUNC_ERROR.matcher(output);
    return line.find() ? line.group(1).replaceAll("\\\\(.)", "$1") : output;
  }

  /** Both outputs as they come, read by a thread of its own so that a time-out can be kept. */
  private static final class Output implements AutoCloseable {
    private final InputStream stream;
    private final Thread reader;
    private volatile byte[] kept = new byte[0];

    Output(InputStream stream) {
      this.stream = stream;
      this.reader = Thread.ofVirtual().name("exec-output").start(this::read);
    }

    private void read() {
      byte[] buffer = new byte[ContainerRuntime.MAX_EXEC_OUTPUT_BYTES];
      int length = 0;
      try {
        for (int read = 0; read >= 0 && length < buffer.length; ) {
          read = stream.read(buffer, length, buffer.length - length);
          length += Math.max(0, read);
          kept = Arrays.copyOf(buffer, length);
        }
        stream.skip(Long.MAX_VALUE);
      } catch (IOException _) {
        // closed because the command has ended; what has come so far counts
      }
    }

    String await(Duration patience) throws InterruptedException {
      reader.join(patience);
      return new String(kept, UTF_8);
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
