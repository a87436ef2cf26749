package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.socket.UnixHttp;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
  private static final Logger log = LoggerFactory.getLogger(PodmanService.class);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration PING = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final int LOOKS_TO_BE_SURE = 3;
  private static final long MAX_LOG_BYTES = 1 << 20;

  /** Podman's bound for its run root, below which attach sockets lie. */
  private static final int MAX_RUNROOT_PATH = 50;

  private final Path directory;
  private final Path run;
  private final Path containersRun;
  private final HostAbilities host;
  private final RegistrySettings registries;

  /** With registries as they are reached by default. */
  public PodmanService(Path dataDir, Path runDir, HostAbilities host) {
    this(dataDir, runDir, host, RegistrySettings.NONE);
  }

  /**
   * @param dataDir the agent's; the store is {@code podman/} in it
   * @param runDir ours alone; best on a tmpfs
   */
  public PodmanService(Path dataDir, Path runDir, HostAbilities host, RegistrySettings registries) {
    this.registries = registries;
    this.directory = dataDir.toAbsolutePath().resolve("podman");
    this.run = runDir.toAbsolutePath().resolve("podman");
    this.containersRun = runDir.toAbsolutePath().resolve("c");
    this.host = host;
    if (containersRun.toString().length() > MAX_RUNROOT_PATH) {
      throw new IllegalArgumentException(
          "the path of the run directory is longer than "
              + (MAX_RUNROOT_PATH - 2)
              + " characters, which Podman does not take: "
              + runDir);
    }
  }

  public Path socket() {
    return run.resolve("podman.sock");
  }

  /** Where conmon leaves a file for each container that ended. */
  public Path exits() {
    return run.resolve("tmp").resolve("exits");
  }

  /** Runs commands in its containers without it. */
  RuntimeExec commands() {
    return new RuntimeExec(host.runtime(), run.resolve("execs"));
  }

  /** The service's process while it is ours and alive. */
  public synchronized Optional<ProcessHandle> process() {
    try {
      String recorded = Files.readString(pidFile()).strip();
      if (recorded.isEmpty()) {
        return Optional.empty();
      }
      return ProcessHandle.of(Long.parseLong(recorded))
          .filter(ProcessHandle::isAlive)
          .filter(each -> isOurs(each.pid()));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      log.warn("cannot read {}: {}", pidFile(), e.toString());
      return Optional.empty();
    }
  }

  /** Whether the process with this id, perhaps another's by now, serves our socket. */
  private boolean isOurs(long pid) {
    return commandLine(pid).contains("unix://" + socket());
  }

  /** Of a process that may have ended; empty then. */
  private static String commandLine(long pid) {
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
    boolean changed = writeConfig();
    Optional<ProcessHandle> running = process();
    if (running.isPresent()) {
      if (!changed && answers()) {
        return;
      }
      log.info("starting Podman's service anew: its settings changed or it does not answer");
      end(running.get());
    }
    start();
  }

  private void start() throws IOException, InterruptedException {
    Files.deleteIfExists(socket());
    Files.deleteIfExists(pidFile());
    PodmanState.Leftovers leftovers =
        new PodmanState(directory.resolve("root"), run.resolve("state")).open();
    Path output = directory.resolve("service.log");
    if (Files.exists(output) && Files.size(output) > MAX_LOG_BYTES) {
      Files.delete(output);
    }
    List<String> command = new ArrayList<>(List.of("setsid", "-f", "sh", "-c"));
    command.add("echo $$ > \"$0\" && exec \"$@\"");
    command.add(pidFile().toString());
    command.addAll(podman("system", "service", "--time=0", "unix://" + socket()));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment());
    // Go's collector: a service that is asked now and then need not keep twice its heap. No limit
    // beside it: past one the collector runs without end, and many pods need more than few.
    builder.environment().putIfAbsent("GOGC", "40");
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
    log.info("Podman's service runs on {}", socket());
  }

  private void awaitAnswer(Path output) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    int looksWithoutProcess = 0;
    while (!answers()) {
      // One look proves nothing: the file may be empty still, a process within its exec nameless.
      looksWithoutProcess = process().isEmpty() ? looksWithoutProcess + 1 : 0;
      if (Files.exists(pidFile()) && looksWithoutProcess >= LOOKS_TO_BE_SURE) {
        throw new IOException("Podman's service ended at its start: " + lastWords(output));
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "Podman's service does not answer after " + START_TIMEOUT + ": " + lastWords(output));
      }
      Thread.sleep(POLL);
    }
  }

  private static String lastWords(Path output) {
    try {
      String text = Files.readString(output).strip();
      return text.substring(Math.max(0, text.length() - 500));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** A podman command line against our store. */
  public List<String> podman(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "podman",
                "--root",
                directory.resolve("root").toString(),
                "--runroot",
                containersRun.toString(),
                "--tmpdir",
                run.resolve("tmp").toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** What any of our podman commands needs in its environment. */
  public Map<String, String> environment() {
    return Map.of(
        "CONTAINERS_CONF", directory.resolve("containers.conf").toString(),
        "CONTAINERS_REGISTRIES_CONF", directory.resolve("registries.conf").toString(),
        // Where its service looks for certificates and credentials of registries.
        "HOME", home().toString(),
        "TMPDIR", directory.resolve("tmp").toString());
  }

  /** Writes the settings; whether any of them changed. */
  private boolean writeConfig() throws IOException, InterruptedException {
    Files.createDirectories(directory.resolve("tmp"));
    Files.createDirectories(run.resolve("tmp"));
    openStore();
    Optional<Path> conmon = ConmonScript.write(directory.resolve("conmon"));
    boolean changed =
        write(directory.resolve("containers.conf"), PodmanConfig.containersConf(host, conmon));
    changed |= write(directory.resolve("registries.conf"), RegistriesConf.conf(registries));
    changed |= writePrivately(authFile(), RegistriesConf.auths(registries));
    changed |= linkRegistryFiles();
    return changed;
  }

  /** Lets users of a container's own through to its files; what lies there is not shown. */
  private void openStore() throws IOException {
    Path store = directory.resolve("root");
    for (Path each : List.of(store, store.resolve("overlay"))) {
      Files.createDirectories(each);
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwx--x--x"));
    }
  }

  private Path authFile() {
    return run.resolve("auth.json");
  }

  private Path home() {
    return directory.resolve("home");
  }

  private static boolean writePrivately(Path file, String text) throws IOException {
    if (!Files.exists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    if (Files.readString(file).equals(text)) {
      return false;
    }
    Files.writeString(file, text);
    return true;
  }

  /** Links to the credentials, which are in memory, and to the files that the settings name. */
  private boolean linkRegistryFiles() throws IOException {
    Path containers = home().resolve(".config").resolve("containers");
    Path all = Files.createDirectories(containers.resolve("certs.d"));
    boolean changed = link(containers.resolve("auth.json"), authFile());
    for (RegistrySettings.Host each : registries.hosts()) {
      Path ofHost = Files.createDirectories(all.resolve(each.name()));
      for (Map.Entry<String, String> file : RegistriesConf.certificates(each).entrySet()) {
        changed |= link(ofHost.resolve(file.getKey()), Path.of(file.getValue()).toAbsolutePath());
      }
    }
    return changed;
  }

  private static boolean link(Path link, Path target) throws IOException {
    if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(target)) {
      return false;
    }
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, target);
    return true;
  }

  private static boolean write(Path file, String text) throws IOException {
    if (Files.exists(file) && Files.readString(file).equals(text)) {
      return false;
    }
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text);
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    try {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException _) {
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return true;
  }

  private Path pidFile() {
    return run.resolve("service.pid");
  }

  /** Ends the service and leaves the containers as they are. */
  public synchronized void stop() throws IOException, InterruptedException {
    Optional<ProcessHandle> running = process();
    if (running.isPresent()) {
      end(running.get());
    }
    Files.deleteIfExists(socket());
    Files.deleteIfExists(pidFile());
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
    if (Files.isDirectory(directory.resolve("root"))) {
      String[] all = {"rm", "--all", "--force", "--depend", "--time", "0", "--volumes"};
      if (complaint(all).isPresent()) {
        command(all); // of containers that others depend on Podman finds some gone at their turn
      }
      command("rmi", "--all", "--force");
      command("umount", "--all", "--force");
      awaitCleanups();
    }
    unmountBelow(directory);
    unmountBelow(run);
    unmountBelow(containersRun);
    deleteTree(directory);
    deleteTree(run);
    deleteTree(containersRun);
  }

  /** What conmon starts at a container's end would make the store anew after its removal. */
  private void awaitCleanups() throws InterruptedException {
    long deadline = System.nanoTime() + STOP_TIMEOUT.toNanos();
    String store = directory.resolve("root").toString();
    while (ProcessHandle.allProcesses().anyMatch(each -> commandLine(each.pid()).contains(store))
        && System.nanoTime() < deadline) {
      Thread.sleep(POLL);
    }
  }

  private void command(String... arguments) throws IOException, InterruptedException {
    complaint(arguments).ifPresent(words -> log.warn("podman {}: {}", arguments[0], words));
  }

  /** Podman's last words where it fails. */
  private Optional<String> complaint(String... arguments) throws IOException, InterruptedException {
    Path output = directory.resolve("purge.log");
    ProcessBuilder builder = new ProcessBuilder(podman(arguments)).redirectErrorStream(true);
    builder.environment().putAll(environment());
    builder.redirectOutput(output.toFile());
    Process process = builder.start();
    if (!process.waitFor(COMMAND_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("podman " + arguments[0] + " did not end in " + COMMAND_TIMEOUT);
    }
    return process.exitValue() == 0 ? Optional.empty() : Optional.of(lastWords(output));
  }

  /** Overlay and shm mounts that a killed service left. */
  private static void unmountBelow(Path tree) throws IOException, InterruptedException {
    String prefix = tree + "/";
    List<String> targets = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String target = line.split(" ")[1];
      if (target.startsWith(prefix)) {
        targets.add(target);
      }
    }
    for (String target : targets.reversed()) {
      new ProcessBuilder("umount", "-l", target).inheritIO().start().waitFor();
    }
  }

  static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(tree)) {
      paths = walk.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
