package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.FileGroups;
import dev.wherry.agent.cgroup.GroupLimits;
import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.device.DeviceClass;
import dev.wherry.agent.device.DeviceScan;
import dev.wherry.agent.device.HostDevices;
import dev.wherry.agent.device.NodeDevices;
import dev.wherry.agent.device.plugin.DevicePlugins;
import dev.wherry.agent.device.plugin.TestPlugin;
import dev.wherry.agent.image.Images;
import dev.wherry.agent.network.PodNetwork;
import dev.wherry.agent.probe.ProbeCounts;
import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.runtime.podman.PodmanRuntime;
import dev.wherry.agent.runtime.podman.PodmanService;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.TokenSource;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A node on real Podman in directories of its own, with one image, {@code wherry/test:1}, of
 * Debian's static busybox. Its agent part is started and closed by {@link #startAgent} and {@link
 * #stopAgent}; pods are in the host's network unless a test brings namespaces.
 */
final class TestNode implements AutoCloseable {
  static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  static final String IMAGE = "wherry/test:1";

  /** A script that says so when it runs, and ends when it is told to. */
  static final String FOREVER = "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done";

  static final Duration PULL_PATIENCE = Duration.ofSeconds(5);
  private static final List<String> APPLETS =
      List.of(
          "sh",
          "cat",
          "sleep",
          "echo",
          "hostname",
          "id",
          "true",
          "false",
          "ls",
          "kill",
          "env",
          "test",
          "touch",
          "head",
          "dd",
          "tail",
          "ps",
          "mkdir",
          "sysctl",
          "grep",
          "mount",
          "nc");

  final Path root;
  final PodmanService service;
  final PodmanRuntime runtime;
  final PodDirectories directories;
  final PodCgroups cgroups;
  final ContainerPolicy policy;
  final HostDevices devices;
  final DevicePlugins plugins;
  final NodeFacts facts =
      new NodeFacts(
          "node-1",
          List.of("127.0.0.1"),
          "",
          "cluster.local",
          2000,
          1L << 30,
          DesiredState.Networks.UNKNOWN);
  DesiredState desired = new DesiredState();
  RecordedReports reports = new RecordedReports();

  private volatile TokenSource tokens = TokenSource.none();
  PodSync sync;
  Admission.Node room =
      new Admission.Node(
          "node-1",
          Map.of(
              "cpu",
              2000L,
              "memory",
              1L << 30,
              "pods",
              110L,
              "example.com/sink",
              2L,
              TestPlugin.RESOURCE,
              2L),
          Map.of("disk", "ssd"),
          List.of(),
          List.of("net.core.*"),
          false);
  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
  private final AtomicReference<Duration> jumped = new AtomicReference<>(Duration.ZERO);
  private final NodeClock clock =
      new NodeClock(
          () -> Instant.now().plus(ahead.get()).plus(jumped.get()),
          () -> System.nanoTime() + Objects.requireNonNull(ahead.get()).toNanos());

  /** One whose agent runs. */
  static TestNode started() throws IOException, InterruptedException {
    TestNode node = new TestNode();
    node.startAgent();
    return node;
  }

  TestNode() throws IOException, InterruptedException {
    this(RegistrySettings.NONE);
  }

  TestNode(RegistrySettings registries) throws IOException, InterruptedException {
    root = Files.createTempDirectory("wherry-pods");
    HostAbilities host = HostAbilities.read();
    service = new PodmanService(root.resolve("data"), root.resolve("run"), host, registries);
    Files.createDirectories(root.resolve("data"));
    service.ensure();
    runtime = new PodmanRuntime(service, host.lowestOomScoreAdj(), PULL_PATIENCE);
    directories = new PodDirectories(root.resolve("data"), root.resolve("run"));
    importImage("docker.io/" + IMAGE);
    cgroups =
        new PodCgroups(
            new FileGroups(
                CGROUPS,
                root.getFileName().toString(),
                host.cgroupV2() ? FileGroups.Version.TWO : FileGroups.Version.ONE),
            OptionalLong.of(200));
    cgroups.open(GroupLimits.weighing(2048));
    policy = policy();
    devices = devices();
    plugins =
        DevicePlugins.open(
            pluginDirectory(), root.resolve("run").resolve("plugins.json"), () -> {});
    sync = sync();
  }

  Path pluginDirectory() {
    return root.resolve("run").resolve("plugins");
  }

  /** Two devices that swallow what is written to them. */
  private HostDevices devices() throws IOException, InterruptedException {
    for (String each : List.of("sink0", "sink1")) {
      run(List.of("mknod", root.resolve(each).toString(), "c", "1", "3"));
    }
    DeviceClass sinks =
        new DeviceClass("example.com/sink", List.of(root + "/sink*"), List.of(), "rw", 1);
    return HostDevices.open(
        List.of(sinks), new DeviceScan(Path.of("/")), root.resolve("devices.json"), () -> {});
  }

  private ContainerPolicy policy() {
    return new ContainerPolicy(
        2L << 30, root.resolve("seccomp"), List.of("net.core.*"), Set.of(), false);
  }

  private PodSync sync() {
    return new PodSync(
        runtime,
        Engine.of(service::ensure, service::process),
        new NoNetwork(),
        desired,
        reports,
        new EventRecorder(reports, "node-1", clock.wall()),
        clock,
        new PodSync.Settings(
            directories,
            () -> facts,
            new Images(runtime, 2),
            wish -> tokens.ask(wish),
            4,
            cgroups,
            policy,
            () -> room,
            new NodeDevices(List.of(devices, plugins)),
            new ProbeCounts()));
  }

  /** What answers requests for tokens. */
  void useTokens(TokenSource source) {
    tokens = source;
  }

  void startAgent() throws IOException, InterruptedException {
    sync.start();
  }

  /** As if the agent's process had ended: nothing is told to anybody. */
  void stopAgent() {
    sync.close();
  }

  /** A new agent that knows these pods from its checkpoint. */
  void restartAgent(List<Obj> pods) throws IOException, InterruptedException {
    stopAgent();
    desired = new DesiredState();
    reports = new RecordedReports();
    pods.forEach(each -> desired.upsert(Resource.PODS, each));
    sync = sync();
    sync.start();
  }

  /** Lets time pass for pods; they notice at their next event. */
  void pass(Duration time) {
    ahead.updateAndGet(before -> before.plus(time));
  }

  /** Sets the clock on the wall so much later. */
  void jump(Duration time) {
    jumped.updateAndGet(before -> before.plus(time));
  }

  void importImage(String name) throws IOException, InterruptedException {
    Path tar = root.resolve("image.tar");
    if (!Files.exists(tar)) {
      archive(tar);
    }
    run(service.podman("import", "-q", tar.toString(), name));
  }

  /** The image that holds process namespaces, as it ships. */
  void loadPause() throws IOException, InterruptedException {
    Path builder = Path.of("..", "edge-images", "build.sh").toAbsolutePath().normalize();
    run(List.of("sh", builder.toString(), "--output", root.toString(), "pause"));
    run(service.podman("load", "-q", "-i", root.resolve("pause.tar").toString()));
  }

  private void archive(Path tar) throws IOException, InterruptedException {
    Path tree = Files.createDirectories(root.resolve("image"));
    Path bin = Files.createDirectories(tree.resolve("bin"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    bin.resolve("busybox").toFile().setExecutable(true, false);
    for (String applet : APPLETS) {
      Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
    }
    for (String directory : List.of("tmp", "etc", "proc", "sys", "dev")) {
      Files.createDirectories(tree.resolve(directory));
    }
    Files.writeString(tree.resolve("etc/passwd"), "app:x:1000:1500::/:/bin/sh\n");
    Files.writeString(tree.resolve("etc/group"), "team:x:50000:app\n");
    run(List.of("tar", "-C", tree.toString(), "-cf", tar.toString(), "."));
  }

  void run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(service.environment());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(command + ": " + output);
    }
  }

  /**
   * A pod in the host's network with one container; {@code spec} holds more members of its spec.
   */
  static Obj pod(String name, String containerJson, String specJson) {
    return Json.read(
        """
        {"apiVersion":"v1","kind":"Pod",
         "metadata":{"name":"%s","namespace":"default","uid":"%s","resourceVersion":"1"},
         "spec":{"hostNetwork":true,"terminationGracePeriodSeconds":2,%s
           "containers":[%s]},
         "status":{"phase":"Pending"}}
        """
            .formatted(name, UUID.randomUUID(), specJson, containerJson));
  }

  static String container(String name, String script, String more) {
    return """
    {"name":"%s","image":"%s","command":["sh","-c",%s]%s}
    """
        .formatted(name, IMAGE, Json.text(script), more);
  }

  static PodUid uid(Obj pod) {
    return new PodUid(pod.obj("metadata").string("uid"));
  }

  void apply(Obj pod) {
    desired.upsert(Resource.PODS, pod);
  }

  void delete(Obj pod) {
    apply(
        pod.withAt("2030-01-01T00:00:00Z", "metadata", "deletionTimestamp")
            .withAt(1L, "metadata", "deletionGracePeriodSeconds"));
  }

  void awaitPhase(Obj pod, String phase) throws InterruptedException {
    reports.await(
        phase + " of " + ObjectKey.of(pod), () -> status(pod).string("phase").equals(phase));
  }

  void awaitReady(Obj pod) throws InterruptedException {
    reports.await("Ready of " + ObjectKey.of(pod), () -> isReady(pod));
  }

  boolean isReady(Obj pod) {
    return status(pod).objs("conditions").stream()
        .anyMatch(
            each -> each.string("type").equals("Ready") && each.string("status").equals("True"));
  }

  Obj status(Obj pod) {
    return reports.last(uid(pod)).orElse(Obj.EMPTY);
  }

  Obj containerStatus(Obj pod) {
    List<Obj> all = status(pod).objs("containerStatuses");
    return all.isEmpty() ? Obj.EMPTY : all.getFirst();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    sync.close();
    devices.close();
    plugins.close();
    runtime.close();
    service.purge();
    VolumeApplier.purge(directories);
    cgroups.purge();
    new ProcessBuilder("rm", "-rf", root.toString()).start().waitFor();
  }

  /** For pods that are all in the host's network. */
  private static final class NoNetwork implements PodNetwork {
    @Override
    public Sandbox create(PodUid pod, String hostname) throws IOException {
      throw new IOException("no pod network in this test");
    }

    @Override
    public Optional<Sandbox> find(PodUid pod) {
      return Optional.empty();
    }

    @Override
    public void remove(PodUid pod) {}

    @Override
    public Set<PodUid> pods() {
      return Set.of();
    }

    @Override
    public Map<PodUid, Ip> addresses() {
      return Map.of();
    }
  }

  static List<String> reasonsInOrder(List<String> all, List<String> of) {
    List<String> kept = new ArrayList<>(all);
    kept.retainAll(of);
    return kept;
  }
}
