package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A master in a process of its own, with our flags but the one that records, for the training of an
 * agent.
 */
final class TrainingMaster implements AutoCloseable {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
  private static final Duration START_TIMEOUT = Duration.ofSeconds(120);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(50);

  private final DataDirectory data;
  private final Process process;

  private TrainingMaster(DataDirectory data, Process process) {
    this.data = data;
    this.process = process;
  }

  /** Starts it and returns when agents may join. */
  static TrainingMaster start(DataDirectory data) throws IOException, InterruptedException {
    List<String> command =
        master(Arrays.asList(Files.readString(COMMAND_LINE).split("\0")), data.path());
    Process process = new ProcessBuilder(command).inheritIO().start();
    TrainingMaster master = new TrainingMaster(data, process);
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    while (!Files.exists(master.tokenFile())) {
      if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
        master.close();
        throw new IOException("the master of the training did not start");
      }
    }
    return master;
  }

  /** Our own command line, turned into a master's. */
  static List<String> master(List<String> ours, Path data) {
    List<String> command = new ArrayList<>();
    for (String each : ours.subList(0, ours.indexOf("train"))) {
      if (!each.startsWith("-XX:AOTCacheOutput=")) {
        command.add(each);
      }
    }
    command.addAll(List.of("master", "--data-dir", data.toString()));
    return command;
  }

  private Path tokenFile() {
    return new Layout(data).master().resolve("join-token");
  }

  /** What an agent on this machine joins by. */
  MasterAddress address() throws IOException {
    return MasterAddress.parse("127.0.0.1", Files.readString(tokenFile()).strip());
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
