package dev.wherry.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A whole agent in a process and a network namespace of its own, on real Podman: pods outlive its
 * sudden end and go on under the next.
 */
class AgentTest {
  private static final long DEADLINE_SECONDS = 90;

  private Path root;
  private Path namespace;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void makeNamespace() throws Exception {
    root = Files.createTempDirectory("wa");
    namespace = Files.createFile(root.resolve("net"));
    run("mount", "--bind", root.toString(), root.toString());
    run("mount", "--make-private", root.toString());
    run("unshare", "--net=" + namespace, "ip", "link", "set", "lo", "up");
    Files.createDirectories(root.resolve("data/images"));
    BusyboxArchive.make(root, root.resolve("data/images/test.tar"));
  }

  @AfterEach
  void removeEverything() throws Exception {
    for (Process each : started) {
      each.destroyForcibly().waitFor(); // those of a test that failed half-way
    }
    run("rm", "-rf", root.resolve("data/manifests").toString()); // the user's own
    Process purge = start("purge").process;
    assertThat(purge.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(purge.exitValue()).as("exit code of the purge").isZero();
    run("umount", namespace.toString());
    run("umount", root.toString());
    try (var left = Files.walk(root.resolve("data"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    run("rm", "-rf", root.toString());
  }

  @Test
  void podsOutliveTheAgentAndGoOnUnderTheNext() throws Exception {
    Obj pod = pod("web");
    String uid = uid(pod);
    Running first = start("master");
    first.await("up", line -> line.startsWith("up "));
    first.send("synced");
    first.send(
        "apply {'kind':'Service','metadata':{'namespace':'default','name':'web'},"
                .replace('\'', '"')
            + "'spec':{'clusterIP':'10.212.0.77','ports':[{'port':80}]}}".replace('\'', '"'));
    first.send("apply " + Json.text(pod));
    Obj ready = first.awaitStatus(uid, AgentTest::isReady);
    String id = ready.objs("containerStatuses").getFirst().string("containerID");
    assertThat(ready.string("podIP")).startsWith("10.211.3.");
    assertThat(answer(ready.string("podIP"))).contains("web");
    assertThat(lookUp(uid, "web.default.svc.cluster.local")).contains("10.212.0.77");

    first.process.destroyForcibly().waitFor();
    Running second = start("master");
    second.await("up", line -> line.startsWith("up "));
    Obj known = pod.with("status", ready);
    second.send("apply " + Json.text(known));
    second.send("synced");
    second.send("apply " + Json.text(known.withAt("b", "metadata", "labels", "a")));
    assertThat(answer(ready.string("podIP"))).contains("web");
    second.send(
        "apply "
            + Json.text(
                known
                    .withAt("2030-01-01T00:00:00Z", "metadata", "deletionTimestamp")
                    .withAt(1L, "metadata", "deletionGracePeriodSeconds")));
    second.await("gone", line -> line.equals("gone " + uid));
    List<Obj> statuses = second.statuses(uid);
    assertThat(statuses)
        .allSatisfy(
            status -> {
              Obj container = status.objs("containerStatuses").getFirst();
              assertThat(container.number("restartCount", -1)).isZero();
              assertThat(container.string("containerID")).isEqualTo(id);
            });
    second.end();
  }

  @Test
  void startsWhatRanAfterARebootWithNoMasterInReach() throws Exception {
    Obj web = pod("web");
    Obj once = endingPod("once");
    Path static1 = Files.createDirectories(root.resolve("data/manifests")).resolve("own.yaml");
    Files.writeString(static1, Json.text(pod("own")));
    Running first = start("master");
    first.await("up", line -> line.startsWith("up "));
    first.send("synced");
    first.send("apply " + Json.text(web));
    Obj before = first.awaitStatus(uid(web), AgentTest::isReady);
    first.send("apply " + Json.text(once)); // its end has web's status written too
    first.sawOrAwaitsStatus(uid(once), status -> status.string("phase").equals("Succeeded"));
    awaitCondition(
        "the checkpoint has the end of the pod",
        () -> {
          Path file = root.resolve("data/agent/desired.smile");
          return Files.exists(file)
              && Files.readString(file, StandardCharsets.ISO_8859_1).contains("Succeeded");
        });
    first.process.destroyForcibly().waitFor();
    reboot();
    assertThat(answers(before.string("podIP"))).isFalse();

    Running second = start("alone");
    second.await("up", line -> line.startsWith("up "));
    awaitCondition("web answers", () -> addressOf(uid(web)).map(this::answers).orElse(false));
    awaitCondition(
        "the pod of the file answers",
        () -> Files.readString(static1).contains("own") && sandboxes().size() == 2);
    assertThat(Files.readAllLines(root.resolve("once"))).as("not run again").hasSize(1);
    awaitCondition("nothing that ran before is left on disk", () -> containersOnDisk() == 2);
    second.end();

    Running third = start("master");
    third.await("up", line -> line.startsWith("up "));
    third.send("apply " + Json.text(web));
    third.send("apply " + Json.text(once));
    third.send("synced");
    third.send("apply " + Json.text(web.withAt("b", "metadata", "labels", "a")));
    Obj after = third.sawOrAwaitsStatus(uid(web), AgentTest::isReady);
    Files.delete(static1);
    assertThat(after.objs("containerStatuses").getFirst().number("restartCount", 0)).isEqualTo(1);
    assertThat(
            after
                .objs("containerStatuses")
                .getFirst()
                .at("lastState", "terminated")
                .string("reason"))
        .isEqualTo("ContainerStatusUnknown");
    third.end();
  }

  /** Root among its own, and nobody on the host. */
  @Test
  void aPodHasUsersOfItsOwn() throws Exception {
    run("chmod", "711", root.toString());
    run(
        "sh",
        Path.of("..", "edge-images", "build.sh").toAbsolutePath().normalize().toString(),
        "--output",
        root.resolve("data/images").toString(),
        "pause");
    Path host = Files.createDirectories(root.resolve("host"));
    Files.setPosixFilePermissions(
        Files.writeString(host.resolve("given"), "secret"),
        PosixFilePermissions.fromString("rw-------"));
    Obj pod =
        Json.read(
            """
            {"apiVersion":"v1","kind":"Pod",
             "metadata":{"name":"web","namespace":"default","uid":"%s","annotations":{"a":"b"}},
             "spec":{"hostUsers":false,
               "volumes":[{"name":"h","hostPath":{"path":"%s"}},{"name":"e","emptyDir":{}},
                 {"name":"m","emptyDir":{"medium":"Memory"}},
                 {"name":"d","downwardAPI":{"defaultMode":256,"items":[
                   {"path":"a","fieldRef":{"fieldPath":"metadata.annotations['a']"}}]}}],
               "containers":[
                 {"name":"app","image":"wherry/test:1",
                  "readinessProbe":{"httpGet":{"port":80},"periodSeconds":1},
                  "volumeMounts":[{"name":"h","mountPath":"/h"},{"name":"e","mountPath":"/e"}],
                  "command":["sh","-c","mkdir -p /www; hostname > /www/index.html;
                    cat /h/given > /h/taken && mkdir /e/made; exec httpd -f -h /www"]},
                 {"name":"other","image":"wherry/test:1",
                  "volumeMounts":[{"name":"e","mountPath":"/e"},{"name":"m","mountPath":"/m"},
                    {"name":"d","mountPath":"/d","readOnly":true}],
                  "command":["sh","-c","cat /d/a > /m/seen; cat /m/seen > /e/seen;
                    cat /proc/self/uid_map > /e/map; exec httpd -f -p 81"]}]},
             "status":{"phase":"Pending"}}
            """
                .formatted(UUID.randomUUID(), host)
                .replace("\n", " "));
    Running agent = start("master");
    agent.await("up", line -> line.startsWith("up "));
    agent.send("synced");
    agent.send("apply " + Json.text(pod));
    Obj ready = agent.awaitStatus(uid(pod), AgentTest::isReady);
    assertThat(answer(ready.string("podIP"))).as("on a port below 1024").contains("web");
    assertThat(host.resolve("taken")).hasContent("secret");
    assertThat(Files.getAttribute(host.resolve("taken"), "unix:uid"))
        .as("its root's files are root's on the disk")
        .isEqualTo(0);
    Path volume = root.resolve("data/pods").resolve(uid(pod)).resolve("volumes/e");
    awaitCondition("the other's file", () -> Files.exists(volume.resolve("map")));
    assertThat(Files.getAttribute(volume.resolve("made"), "unix:uid")).isEqualTo(0);
    assertThat(volume.resolve("seen")).hasContent("b");
    String[] map = Files.readString(volume.resolve("map")).strip().split("\\s+");
    assertThat(map).startsWith("0").endsWith("65536");
    long users =
        ProcessHandle.allProcesses()
            .filter(each -> commandLine(each.pid()).startsWith("httpd"))
            .filter(each -> uid(each.pid()) == Long.parseLong(map[1]))
            .count();
    assertThat(users).as("processes of both containers are nobody's on the host").isEqualTo(2);

    agent.process.destroyForcibly().waitFor();
    Running next = start("master");
    next.await("up", line -> line.startsWith("up "));
    next.send("apply " + Json.text(pod.with("status", ready)));
    next.send("synced");
    assertThat(answer(ready.string("podIP"))).contains("web");
    next.end();
  }

  private static long uid(long pid) {
    try {
      return ((Number) Files.getAttribute(Path.of("/proc", Long.toString(pid)), "unix:uid"))
          .longValue();
    } catch (IOException _) {
      return -1; // it has ended
    }
  }

  /** Says in a file of the host that it ran. */
  private Obj endingPod(String name) {
    return Json.read(
        """
        {"apiVersion":"v1","kind":"Pod",
         "metadata":{"name":"%s","namespace":"default","uid":"%s"},
         "spec":{"restartPolicy":"Never","hostNetwork":true,
           "volumes":[{"name":"v","hostPath":{"path":"%s"}}],
           "containers":[{"name":"app","image":"wherry/test:1","command":["sh","-c","echo ran >> /v/once"],
             "volumeMounts":[{"name":"v","mountPath":"/v"}]}]},
         "status":{"phase":"Pending"}}
        """
            .formatted(name, UUID.randomUUID(), root));
  }

  /** What a machine has lost that went down: processes, mounts, namespaces, rules, /run. */
  private void reboot() throws Exception {
    List<ProcessHandle> ours =
        ProcessHandle.allProcesses()
            .filter(each -> commandLine(each.pid()).contains(root.toString()))
            .toList();
    List<ProcessHandle> containers = ours.stream().flatMap(ProcessHandle::children).toList();
    ours.forEach(ProcessHandle::destroyForcibly); // first those who would write down an end
    containers.forEach(ProcessHandle::destroyForcibly);
    awaitCondition("nothing of it is mounted", this::unmounts);
    awaitCondition("what ran writes no more", () -> removes(root.resolve("run")));
    run("nsenter", "--net=" + namespace, "nft", "flush", "ruleset");
  }

  private boolean unmounts() throws Exception {
    List<String> mounts =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" ")[1])
            .filter(
                each ->
                    each.startsWith(root.resolve("run").toString())
                        || each.startsWith(root.resolve("data").toString()))
            .toList();
    for (String mount : mounts.reversed()) {
      new ProcessBuilder("umount", "-l", mount).start().waitFor(); // another may be quicker
    }
    return mounts.isEmpty();
  }

  private static boolean removes(Path directory) throws Exception {
    return new ProcessBuilder("rm", "-rf", directory.toString()).start().waitFor() == 0;
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return ""; // it has ended
    }
  }

  private long containersOnDisk() throws IOException {
    try (var all = Files.list(root.resolve("data/podman/root/overlay-containers"))) {
      return all.filter(Files::isDirectory).count();
    }
  }

  private List<Path> sandboxes() throws IOException {
    try (var all = Files.walk(root.resolve("run/network"), 2)) {
      return all.filter(each -> each.endsWith("address")).toList();
    }
  }

  private Optional<String> addressOf(String uid) throws IOException {
    Path file = root.resolve("run/network").resolve(uid).resolve("address");
    return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
  }

  private boolean answers(String ip) {
    try {
      return answer(ip).contains("web");
    } catch (Exception | AssertionError _) {
      return false; // not yet
    }
  }

  private interface Check {
    boolean holds() throws Exception;
  }

  private static void awaitCondition(String what, Check check) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!check.holds()) {
      assertThat(System.nanoTime()).as("waited in vain: " + what).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private String answer(String ip) throws Exception {
    return output(
        "nsenter", "--net=" + namespace, "/bin/busybox", "wget", "-q", "-O", "-", "http://" + ip);
  }

  /** From inside the pod's network, by the servers that its containers are told. */
  private String lookUp(String uid, String name) throws Exception {
    String server =
        output("find", root.resolve("run").toString(), "-name", "resolv.conf")
            .lines()
            .map(Path::of)
            .map(AgentTest::nameServer)
            .findFirst()
            .orElseThrow();
    return output(
        "nsenter",
        "--net=" + root.resolve("run/network").resolve(uid).resolve("net"),
        "/bin/busybox",
        "nslookup",
        name,
        server);
  }

  private static String nameServer(Path resolvConf) {
    try {
      return Files.readAllLines(resolvConf).stream()
          .filter(line -> line.startsWith("nameserver "))
          .map(line -> line.substring("nameserver ".length()))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static boolean isReady(Obj status) {
    return status.objs("conditions").stream()
        .anyMatch(
            each -> each.string("type").equals("Ready") && each.string("status").equals("True"));
  }

  private static String uid(Obj pod) {
    return pod.obj("metadata").string("uid");
  }

  private static Obj pod(String name) {
    return Json.read(
        """
        {"apiVersion":"v1","kind":"Pod",
         "metadata":{"name":"%s","namespace":"default","uid":"%s"},
         "spec":{"containers":[{"name":"app","image":"wherry/test:1",
           "readinessProbe":{"httpGet":{"port":80},"periodSeconds":1},
           "command":["sh","-c","mkdir -p /www; hostname > /www/index.html; exec httpd -f -h /www"]}]},
         "status":{"phase":"Pending"}}
        """
            .formatted(name, UUID.randomUUID()));
  }

  private Running start(String mode) throws IOException {
    Process process =
        new ProcessBuilder(
                "nsenter",
                "--net=" + namespace,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AgentProcess.class.getName(),
                root.resolve("data").toString(),
                root.resolve("run").toString(),
                mode)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    started.add(process);
    return new Running(process);
  }

  private static void run(String... command) throws Exception {
    output(command);
  }

  private static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
    return output;
  }

  /** An agent's process and what it said. */
  private static final class Running {
    final Process process;
    private final BufferedWriter in;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    Running(Process process) {
      this.process = process;
      this.in = process.outputWriter(StandardCharsets.UTF_8);
      Thread.startVirtualThread(
          () -> process.inputReader(StandardCharsets.UTF_8).lines().forEach(lines::add));
    }

    void send(String line) throws IOException {
      in.write(line);
      in.newLine();
      in.flush();
    }

    String await(String what, Predicate<String> wanted) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (true) {
        String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line == null) {
          throw new AssertionError("waited in vain for " + what + " in " + seen);
        }
        seen.add(line);
        if (wanted.test(line)) {
          return line;
        }
      }
    }

    Obj awaitStatus(String uid, Predicate<Obj> wanted) throws InterruptedException {
      String prefix = "status " + uid + " ";
      String line =
          await(
              "status",
              each ->
                  each.startsWith(prefix)
                      && wanted.test(Json.read(each.substring(prefix.length()))));
      return Json.read(line.substring(prefix.length()));
    }

    /** As {@link #awaitStatus}, for one that may have come while something else was awaited. */
    Obj sawOrAwaitsStatus(String uid, Predicate<Obj> wanted) throws InterruptedException {
      Optional<Obj> seenOne = statuses(uid).stream().filter(wanted).findFirst();
      return seenOne.isPresent() ? seenOne.get() : awaitStatus(uid, wanted);
    }

    List<Obj> statuses(String uid) {
      String prefix = "status " + uid + " ";
      return seen.stream()
          .filter(each -> each.startsWith(prefix))
          .map(each -> Json.read(each.substring(prefix.length())))
          .toList();
    }

    void end() throws Exception {
      in.close();
      assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }
}
