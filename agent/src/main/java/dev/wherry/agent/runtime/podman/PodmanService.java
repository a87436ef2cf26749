package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.socket.UnixHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@code podman system service} of our own: its store below the data directory, its socket and
 * state below a run directory, so that several agents live side by side and none touches the
 * machine's own containers.
 *
 * <p>The service has a session of its own and outlives the agent; the next agent finds it by its
 * process file and socket and goes on with it. Containers outlive both. Thread-safe.
 */
public final class PodmanService {
  private static final Logger LOG = LoggerFactory.getLogger(PodmanService.class);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PING = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int LOOKS_TO_BE_SURE = 3;
  private static final long MAX_LOG_BYTES = 1 << 20;

  private final PodmanPlace place;
  private final PodmanSettings settings;
  private final RuntimeExec commands;

  /** With registries as they are reached by default. */
  public PodmanService(Path dataDir, Path runDir, HostAbilities host) {
    this(dataDir, runDir, host, RegistrySettings.NONE);
  }

  /**
   * @param dataDir the agent's; the store is {@code podman/} in it
   * @param runDir ours alone; best on a tmpfs
   */
  public PodmanService(Path dataDir, Path runDir, HostAbilities host, RegistrySettings registries) {
    this.place = PodmanPlace.of(dataDir, runDir);
    this.settings = new PodmanSettings(place, host, registries);
    this.commands = new RuntimeExec(host.runtime(), place.run().resolve("execs"));
  }

  public Path socket() {
    return place.socket();
  }

  /** Where conmon leaves a file for each container that ended. */
  public Path exits() {
    return place.exits();
  }

  /** The file that lists the images of its store. */
  Path imageIndex() {
    return place.imageIndex();
  }

  /** Runs commands in its containers without it. */
  RuntimeExec commands() {
    return commands;
  }

  /** The service's process while it is ours and alive. */
  public synchronized Optional<ProcessHandle> process() {
    try {
      String recorded = Files.readString(place.pidFile()).strip();
      if (recorded.isEmpty()) {
        return Optional.empty();
      }
      return ProcessHandle.of(Long.parseLong(recorded))
          .filter(ProcessHandle::isAlive)
          .filter(each -> isOurs(each.pid()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      LOG.warn("cannot read {}: {}", place.pidFile(), e.toString());
      return Optional.empty();
    }
  }

  /** Whether the process with this id, perhaps another's by now, serves our socket. */
  private boolean isOurs(long pid) {
    return commandLine(pid).contains("unix://" + socket());
  }

  /** Of a process that may have ended; empty then. */
  static String commandLine(long pid) {
    try {
      byte[] commandLine = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
      return new String(commandLine, StandardCharsets.UTF_8);
    } catch (IOException _) {
      return "";
    }
  }

  /** Whether the service answers. */
  public boolean answers() {
    try {
      return new UnixHttp(socket()).get("/_ping", PING).ok();
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * Makes sure that the service runs: goes on with the one that does, else starts one and waits
   * until it answers.
   *
   * @throws IOException with Podman's own words when it does not come up
   */
  public synchronized void ensure() throws IOException, InterruptedException {
    boolean changed = settings.write();
    Optional<ProcessHandle> running = process();
    if (running.isPresent()) {
      if (!changed && answers()) {
        return;
      }
      LOG.info("starting Podman's service anew: its settings changed or it does not answer");
      end(running.get());
    }
    start();
  }

  private void start() throws IOException, InterruptedException {
    Files.deleteIfExists(socket());
    Files.deleteIfExists(place.pidFile());
    PodmanState.Leftovers leftovers =
        new PodmanState(place.store(), place.run().resolve("state")).open();
    Path output = place.directory().resolve("service.log");
    if (Files.exists(output) && Files.size(output) > MAX_LOG_BYTES) {
      Files.delete(output);
    }
    List<String> command = new ArrayList<>(List.of("setsid", "-f", "sh", "-c"));
    command.add("echo $$ > \"$0\" && exec \"$@\"");
    command.add(place.pidFile().toString());
    command.addAll(podman("system", "service", "--time=0", "unix://" + socket()));
    ProcessBuilder builder = new ProcessBuilder(command).directory(place.directory().toFile());
    builder.environment().putAll(environment());
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    Process launcher = builder.start();
    launcher.getOutputStream().close();
    if (launcher.waitFor() != 0) {
      throw new IOException("Podman's service cannot be started: " + lastWords(output));
    }
    awaitAnswer(output);
    leftovers.remove(new UnixHttp(socket()));
    LOG.info("Podman's service runs on {}", socket());
  }

  private void awaitAnswer(Path output) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    int looksWithoutProcess = 0;
    while (!answers()) {
      // One look proves nothing: the file may be empty still, a process within its exec nameless.
      looksWithoutProcess = process().isEmpty() ? looksWithoutProcess + 1 : 0;
      if (Files.exists(place.pidFile()) && looksWithoutProcess >= LOOKS_TO_BE_SURE) {
        throw new IOException("Podman's service ended at its start: " + lastWords(output));
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "Podman's service does not answer after " + START_TIMEOUT + ": " + lastWords(output));
      }
      Thread.sleep(POLL);
    }
  }

  /** The end of what a program wrote. */
  static String lastWords(Path output) {
    try {
      String text = Files.readString(output).strip();
      return text.substring(Math.max(0, text.length() - 500));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** A podman command line against our store. */
  public List<String> podman(String... arguments) {
    return place.podman(arguments);
  }

  /** What any of our podman commands needs in its environment. */
  public Map<String, String> environment() {
    return place.environment();
  }

  /** Ends the service and leaves the containers as they are. */
  public synchronized void stop() throws IOException, InterruptedException {
    Optional<ProcessHandle> running = process();
    if (running.isPresent()) {
      end(running.get());
    }
    Files.deleteIfExists(socket());
    Files.deleteIfExists(place.pidFile());
  }

  private static void end(ProcessHandle process) throws InterruptedException {
    process.destroy();
    if (!gone(process, STOP_TIMEOUT)) {
      process.destroyForcibly();
      gone(process, STOP_TIMEOUT);
    }
  }

  private static boolean gone(ProcessHandle process, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (process.isAlive()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(POLL);
    }
    return true;
  }

  /**
   * Removes everything: containers, images, the service and its directories. Works without a
   * running service and after an earlier try that failed.
   */
  public synchronized void purge() throws IOException, InterruptedException {
    stop();
    new PodmanPurge(place).run();
  }
}
