package dev.wherry.agent.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A short-lived program of this machine, such as {@code ip}. Immutable. */
public record Command(List<String> argv) {

  /** How long a program may take; the ones used here take milliseconds. */
  public static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** Output past this many bytes is dropped. */
  public static final int MAX_OUTPUT_BYTES = 8 << 20;

  public Command {
    argv = List.copyOf(argv);
  }

  public static Command of(String... argv) {
    return new Command(List.of(argv));
  }

  /** Runs it without input; standard output and standard error together. */
  public String run() throws IOException, InterruptedException {
    return run("");
  }

  /**
   * Runs it with {@code input} as its standard input; standard output and standard error together.
   *
   * @throws FailedException when it exits with another code than 0
   * @throws IOException when it cannot be started or does not end within {@link #TIMEOUT}
   */
  public String run(String input) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(argv).redirectErrorStream(true).start();
    try {
      // The programs used here read all of their input before they print more than a pipe holds.
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // A program that stopped reading has failed, and its own words say more than "broken pipe".
        if (process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
            && process.exitValue() == 0) {
          throw e;
        }
      }
      String output = read(process.getInputStream());
      if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(text() + " did not end within " + TIMEOUT.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        throw new FailedException(text(), process.exitValue(), output.strip());
      }
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(InputStream stdout) throws IOException {
    byte[] bytes = stdout.readNBytes(MAX_OUTPUT_BYTES);
    stdout.skip(Long.MAX_VALUE);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String text() {
    return String.join(" ", argv);
  }

  /** The program ran and said that it failed. */
  public static final class FailedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int exitCode;
    private final String output;

    FailedException(String command, int exitCode, String output) {
      super(command + " exited with " + exitCode + ": " + output);
      this.exitCode = exitCode;
      this.output = output;
    }

    public int exitCode() {
      return exitCode;
    }

    public String output() {
      return output;
    }
  }
}
