package dev.wherry.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Runs programs and waits for conditions. */
final class Shell {
  /** For what starts a server: the first one of a build makes its start-up cache first. */
  static final Duration STARTED = Duration.ofSeconds(480);

  private static final Duration COMMAND_TIMEOUT = STARTED;
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** The root of the checkout. */
  static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  /** How a program ended. */
  record Result(List<String> command, int code, String out, String err) {
    /** The output, once the code is known to be 0. */
    String ok() {
      if (code != 0) {
        throw new AssertionError(command + " ended with " + code + "\n" + out + err);
      }
      return out;
    }

    /** Both outputs, once the code is known not to be 0. */
    String failure() {
      if (code == 0) {
        throw new AssertionError(command + " succeeded\n" + out + err);
      }
      return out + err;
    }
  }

  private Shell() {}

  static Result run(List<String> command, String input, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(HOME.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      CompletableFuture<String> out = drain(process.getInputStream());
      CompletableFuture<String> err = drain(process.getErrorStream());
      feed(process, input);
      if (!process.waitFor(COMMAND_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " did not end within " + COMMAND_TIMEOUT);
      }
      return new Result(command, process.exitValue(), out.join(), err.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(command + " was interrupted", e);
    }
  }

  private static void feed(Process process, String input) throws IOException {
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(UTF_8));
    } catch (IOException e) {
      if (process.isAlive()) {
        throw e; // else it ended without reading, of which its exit code tells more
      }
    }
  }

  private static CompletableFuture<String> drain(InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                text.complete(new String(stream.readAllBytes(), UTF_8));
              } catch (IOException e) {
                text.completeExceptionally(e);
              }
            });
    return text;
  }

  /** Asks until the answer pleases; fails with the last answer after the deadline. */
  static <T> T await(Duration deadline, Supplier<T> ask, Predicate<T> pleased) {
    long end = System.nanoTime() + deadline.toNanos();
    while (true) {
      T answer = ask.get();
      if (pleased.test(answer)) {
        return answer;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("after " + deadline + " still: " + answer);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
