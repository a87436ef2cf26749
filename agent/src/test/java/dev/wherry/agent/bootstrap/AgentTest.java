package dev.wherry.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  private static final long DEADLINE_SECONDS = 30;

  private Path root;
  private Path namespace;

  @BeforeEach
  void makeNamespace() throws Exception {
    root = Files.createTempDirectory("wa");
    namespace = Files.createFile(root.resolve("net"));
    run("mount", "--bind", root.toString(), root.toString());
    run("mount", "--make-private", root.toString());
    run("unshare", "--net=" + namespace, "ip", "link", "set", "lo", "up");
    Files.createDirectories(root.resolve("data/images"));
    makeImage(root.resolve("data/images/test.tar"));
  }

  @AfterEach
  void removeEverything() throws Exception {
    Process purge = start("purge").process;
    assertThat(purge.waitFor(60, TimeUnit.SECONDS)).isTrue();
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

  /** An image archive of a static busybox, as {@code podman save} would write it. */
  private void makeImage(Path archive) throws Exception {
    Path tree = Files.createDirectories(root.resolve("tree/bin"));
    Files.copy(Path.of("/bin/busybox"), tree.resolve("busybox"));
    for (String applet : List.of("sh", "mkdir", "hostname", "httpd")) {
      Files.createSymbolicLink(tree.resolve(applet), Path.of("busybox"));
    }
    Path layer = root.resolve("layer.tar");
    run("tar", "-C", root.resolve("tree").toString(), "-cf", layer.toString(), ".");
    String digest = output("sha256sum", layer.toString()).split(" ")[0];
    Obj config =
        Obj.of(
            "architecture",
            "amd64",
            "os",
            "linux",
            "config",
            Obj.of("Cmd", List.of("/bin/sh")),
            "rootfs",
            Obj.of("type", "layers", "diff_ids", List.of("sha256:" + digest)));
    Files.writeString(root.resolve("config.json"), Json.text(config));
    Obj manifest =
        Obj.of(
            "Config",
            "config.json",
            "RepoTags",
            List.of("docker.io/wherry/test:1"),
            "Layers",
            List.of("layer.tar"));
    Files.writeString(root.resolve("manifest.json"), Json.text(List.of(manifest)));
    run(
        "tar",
        "-C",
        root.toString(),
        "-cf",
        archive.toString(),
        "manifest.json",
        "config.json",
        "layer.tar");
  }

  private Running start(String mode) throws IOException {
    return new Running(
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
            .start());
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
