package dev.wherry.e2e;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every verb of every kubectl at hand, as {@code kubectl/matrix.txt} has it. */
class KubectlMatrixTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> FILES = List.of("site.yaml", "csr.yaml", "said.txt");

  /** The first digits of ports, one for each kubectl. */
  private static final int FIRST_PORT = 1800;

  private static final int AT_A_TIME = 4;
  private static final List<Kubectl> ALL = Kubectl.all();
  private static final Map<Kubectl, CompletableFuture<List<String>>> RUNS =
      new ConcurrentHashMap<>();
  private static final CompletableFuture<List<String>> NOT_BEGUN =
      CompletableFuture.completedFuture(List.of("it did not run"));
  private static final ReentrantReadWriteLock TURNS = new ReentrantReadWriteLock(true);
  private static final ExecutorService RUNNERS = Executors.newFixedThreadPool(AT_A_TIME);

  private static TestNode node;
  private static Transcript transcript;
  private static List<String> served = List.of();

  @BeforeAll
  static void up(@TempDir Path directory) throws IOException {
    transcript = Transcript.parse(resource("matrix.txt").lines().toList());
    node = TestNode.up();
    served = new ArrayList<>(node.kubectl("api-resources", "-o", "name").lines().toList());
    Matcher subresource =
        Pattern.compile("\"name\":\"(\\w+/\\w+)\"")
            .matcher(node.kubectl("get", "--raw", "/api/v1"));
    while (subresource.find()) {
      served.add(subresource.group(1));
    }
    runAll(directory);
  }

  @AfterAll
  static void down() {
    RUNNERS.shutdownNow();
    node.close();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = KubectlMatrixTest.class.getResourceAsStream("/kubectl/" + name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static List<Kubectl> everyKubectl() {
    return ALL;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyKubectl")
  void doesAsTheTranscriptSays(Kubectl kubectl) {
    assertThat(RUNS.getOrDefault(kubectl, NOT_BEGUN).join()).isEmpty();
  }

  /** Much of what kubectl does is to wait: some run at a time, those with most to do first. */
  private static void runAll(Path directory) {
    for (Kubectl each : ALL.stream().sorted(comparing(Kubectl::whole).reversed()).toList()) {
      int index = ALL.indexOf(each);
      CompletableFuture<List<String>> run = new CompletableFuture<>();
      RUNS.put(each, run);
      RUNNERS.execute(
          () -> {
            try {
              run.complete(run(each, directory.resolve("k" + index), FIRST_PORT + index));
            } catch (IOException | RuntimeException | AssertionError e) {
              run.completeExceptionally(e);
            }
          });
    }
  }

  /**
   * Runs the transcript; what went wrong.
   *
   * @param port the first digits of a port's number
   */
  private static List<String> run(Kubectl kubectl, Path directory, int port) throws IOException {
    Files.createDirectories(directory);
    for (String file : FILES) {
      Files.writeString(directory.resolve(file), resource(file));
    }
    Path script = directory.resolve("kubectl");
    Files.writeString(script, "#!/bin/sh\nexec '" + kubectl.program() + "' \"$@\"\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.copy(node.data().resolve("kubeconfig"), directory.resolve("kubeconfig"));
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", directory + ":" + System.getenv("PATH"));
    environment.put("KUBECONFIG", directory.resolve("kubeconfig").toString());
    environment.put("HOME", directory.toString());
    environment.put("NS", directory.getFileName() + "-1-" + kubectl.minor());
    environment.put("DIR", directory.toString());
    environment.put("PORT", Integer.toString(port));
    shell(environment, "kubectl create namespace $NS").ok();
    shell(environment, "kubectl config set-context --current --namespace=$NS").ok();
    List<String> complaints = complaints(kubectl, environment);
    // Its end is nothing that others, who list namespaces, may see half of.
    inTurn(
        TURNS.readLock(), () -> shell(environment, "kubectl delete namespace $NS --timeout=60s"));
    return complaints;
  }

  private static void inTurn(Lock turn, Runnable work) {
    turn.lock();
    try {
      work.run();
    } finally {
      turn.unlock();
    }
  }

  private static List<String> complaints(Kubectl kubectl, Map<String, String> environment) {
    List<String> complaints = new ArrayList<>();
    for (Transcript.Section section : transcript.sections()) {
      if (applies(section, kubectl)) {
        inTurn(
            section.alone() ? TURNS.writeLock() : TURNS.readLock(),
            () ->
                section.steps().stream()
                    .flatMap(step -> complaint(section, step, environment).stream())
                    .forEach(complaints::add));
      }
    }
    return complaints;
  }

  private static boolean applies(Transcript.Section section, Kubectl kubectl) {
    return (kubectl.whole() || section.core())
        && kubectl.minor() >= section.since()
        && kubectl.minor() <= section.until()
        && (section.needs().isEmpty() || served.contains(section.needs()));
  }

  private static Optional<String> complaint(
      Transcript.Section section, Transcript.Step step, Map<String, String> environment) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Optional<String> complaint = step.complaint(shell(environment, step.command()));
    while (step.again() && complaint.isPresent() && System.nanoTime() < deadline) {
      complaint = step.complaint(shell(environment, step.command()));
    }
    return complaint.map(why -> "\n" + section.name() + "\n$ " + step.command() + "\n" + why);
  }

  private static Shell.Result shell(Map<String, String> environment, String command) {
    return node.shell(environment, "cd \"$DIR\"; " + command);
  }
}
