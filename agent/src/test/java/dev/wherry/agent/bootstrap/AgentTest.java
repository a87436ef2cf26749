package dev.wherry.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A whole agent in a process and a network namespace of its own, on real Podman: pods outlive its
 * sudden end and go on under the next.
 */
class AgentTest {
  private AgentMachine machine;

  @BeforeEach
  void makeMachine() throws Exception {
    machine = new AgentMachine();
  }

  @AfterEach
  void removeMachine() throws Exception {
    machine.close();
  }

  @Test
  void podsOutliveTheAgentAndGoOnUnderTheNext() throws Exception {
    Obj pod = pod("web");
    String uid = uid(pod);
    RunningAgent first = machine.start("master");
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
    awaitNameServer();
    assertThat(lookUp(uid, "web.default.svc.cluster.local")).contains("10.212.0.77");
    assertThat(inPod(uid, "cat", "/proc/sys/net/ipv4/ip_local_port_range").split("\\s+"))
        .containsExactly("10000", "10100");

    first.process.destroyForcibly().waitFor();
    RunningAgent second = machine.start("master");
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
    Path static1 =
        Files.createDirectories(machine.root.resolve("data/manifests")).resolve("own.yaml");
    Files.writeString(static1, Json.text(pod("own")));
    RunningAgent first = machine.start("master");
    first.await("up", line -> line.startsWith("up "));
    first.send("synced");
    first.send("apply " + Json.text(web));
    Obj before = first.awaitStatus(uid(web), AgentTest::isReady);
    first.send("apply " + Json.text(once)); // its end has web's status written too
    first.sawOrAwaitsStatus(uid(once), status -> status.string("phase").equals("Succeeded"));
    Await.until(
        "the checkpoint has the end of the pod",
        () -> {
          Path file = machine.root.resolve("data/agent/desired.smile");
          return Files.exists(file)
              && Files.readString(file, StandardCharsets.ISO_8859_1).contains("Succeeded");
        });
    first.process.destroyForcibly().waitFor();
    machine.reboot();
    assertThat(answers(before.string("podIP"))).isFalse();

    RunningAgent second = machine.start("alone");
    second.await("up", line -> line.startsWith("up "));
    Await.until("web answers", () -> addressOf(uid(web)).map(this::answers).orElse(false));
    Await.until(
        "the pod of the file answers",
        () -> Files.readString(static1).contains("own") && machine.sandboxes().size() == 2);
    assertThat(Files.readAllLines(machine.root.resolve("once"))).as("not run again").hasSize(1);
    Await.until("nothing that ran before is left on disk", () -> machine.containersOnDisk() == 2);
    second.end();

    RunningAgent third = machine.start("master");
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
    AgentMachine.run("chmod", "711", machine.root.toString());
    AgentMachine.run(
        "sh",
        Path.of("..", "edge-images", "build.sh").toAbsolutePath().normalize().toString(),
        "--output",
        machine.root.resolve("data/images").toString(),
        "pause");
    Path host = Files.createDirectories(machine.root.resolve("host"));
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
    RunningAgent agent = machine.start("master");
    agent.await("up", line -> line.startsWith("up "));
    agent.send("synced");
    agent.send("apply " + Json.text(pod));
    Obj ready = agent.awaitStatus(uid(pod), AgentTest::isReady);
    assertThat(answer(ready.string("podIP"))).as("on a port below 1024").contains("web");
    assertThat(host.resolve("taken")).hasContent("secret");
    assertThat(Files.getAttribute(host.resolve("taken"), "unix:uid"))
        .as("its root's files are root's on the disk")
        .isEqualTo(0);
    Path volume = machine.root.resolve("data/pods").resolve(uid(pod)).resolve("volumes/e");
    Await.until("the other's file", () -> Files.exists(volume.resolve("map")));
    assertThat(Files.getAttribute(volume.resolve("made"), "unix:uid")).isEqualTo(0);
    assertThat(volume.resolve("seen")).hasContent("b");
    String[] map = Files.readString(volume.resolve("map")).strip().split("\\s+");
    assertThat(map).startsWith("0").endsWith("65536");
    long users =
        ProcessHandle.allProcesses()
            .filter(each -> AgentMachine.commandLine(each.pid()).startsWith("httpd"))
            .filter(each -> uid(each.pid()) == Long.parseLong(map[1]))
            .count();
    assertThat(users).as("processes of both containers are nobody's on the host").isEqualTo(2);

    agent.process.destroyForcibly().waitFor();
    RunningAgent next = machine.start("master");
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
            .formatted(name, UUID.randomUUID(), machine.root));
  }

  private Optional<String> addressOf(String uid) throws IOException {
    Path file = machine.root.resolve("run/network").resolve(uid).resolve("address");
    return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
  }

  private boolean answers(String ip) {
    try {
      return answer(ip).contains("web");
    } catch (Exception | AssertionError _) {
      return false; // not yet
    }
  }

  private String answer(String ip) throws Exception {
    return AgentMachine.output(
        "nsenter",
        "--net=" + machine.namespace,
        "/bin/busybox",
        "wget",
        "-q",
        "-O",
        "-",
        "http://" + ip);
  }

  /** The first pod of a new node may be Ready before the name server has its address. */
  private void awaitNameServer() throws Exception {
    Await.until(
        "the name server has its port",
        () ->
            AgentMachine.output("nsenter", "--net=" + machine.namespace, "ss", "-Huln")
                .contains(":53 "));
  }

  /** From inside the pod's network, by the servers that its containers are told. */
  private String lookUp(String uid, String name) throws Exception {
    String server =
        AgentMachine.output("find", machine.root.resolve("run").toString(), "-name", "resolv.conf")
            .lines()
            .map(Path::of)
            .map(AgentTest::nameServer)
            .findFirst()
            .orElseThrow();
    return inPod(uid, "/bin/busybox", "nslookup", name, server);
  }

  /** Runs a program of the machine in the pod's network. */
  private String inPod(String uid, String... command) throws Exception {
    Path network = machine.root.resolve("run/network").resolve(uid).resolve("net");
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + network));
    all.addAll(List.of(command));
    return AgentMachine.output(all.toArray(String[]::new));
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
         "spec":{"securityContext":{"sysctls":[
             {"name":"net.ipv4.ip_local_port_range","value":"10000 10100"}]},
           "containers":[{"name":"app","image":"wherry/test:1",
           "readinessProbe":{"httpGet":{"port":80},"periodSeconds":1},
           "command":["sh","-c","mkdir -p /www; hostname > /www/index.html; exec httpd -f -h /www"]}]},
         "status":{"phase":"Pending"}}
        """
            .formatted(name, UUID.randomUUID()));
  }
}
