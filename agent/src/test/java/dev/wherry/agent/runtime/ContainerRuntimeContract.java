package dev.wherry.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.Await;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link ContainerRuntime} does. */
public abstract class ContainerRuntimeContract {
  private static final List<String> FOREVER =
      List.of("sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done");

  protected abstract ContainerRuntime runtime();

  /** An image that is present, with a shell. */
  protected abstract String image();

  protected abstract Path directory();

  private ContainerSpec spec(String image, List<String> command) {
    String uid = UUID.randomUUID().toString();
    return ContainerSpecs.of(image, new PodUid(uid), 3, command, directory().resolve(uid + ".log"));
  }

  /** A container that runs this command; its id. */
  protected final String started(List<String> command) throws EngineException {
    String id = runtime().create(spec(image(), command));
    runtime().start(id);
    return id;
  }

  private ContainerObservation inspect(String id) throws EngineException {
    return runtime().inspect(id).orElseThrow();
  }

  @Test
  void showsAContainerThroughItsLife() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    String id = runtime().create(spec(image(), FOREVER));
    try (AutoCloseable _ =
        runtime()
            .watchExits(
                each -> {
                  if (each.equals(id)) {
                    told.countDown();
                  }
                })) {
      ContainerObservation created = inspect(id);
      assertThat(created.phase()).isEqualTo(Phase.CREATED);
      assertThat(created.name()).isEqualTo("app");
      assertThat(created.attempt()).isEqualTo(3);
      assertThat(created.image()).isEqualTo("web:1");
      assertThat(created.pod()).isEqualTo(new ObjectKey("ns", "web"));

      runtime().start(id);
      ContainerObservation running = inspect(id);
      assertThat(running.isRunning()).isTrue();
      assertThat(running.pid()).isPositive();
      assertThat(runtime().list()).anyMatch(each -> each.id().equals(id) && each.isRunning());
      assertThat(runtime().list(running.podUid()))
          .anyMatch(each -> each.id().equals(id) && each.isRunning());
      assertThat(runtime().list(new PodUid(UUID.randomUUID().toString()))).isEmpty();

      runtime().kill(id);
      assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
      ContainerObservation ended = inspect(id);
      assertThat(ended.phase()).isEqualTo(Phase.EXITED);
      assertThat(ended.exitCode()).isEqualTo(137);
      runtime().kill(id);
      runtime().terminate(id);
    }
    runtime().remove(id);
    assertThat(runtime().inspect(id)).isEmpty();
    assertThat(runtime().list()).noneMatch(each -> each.id().equals(id));
    runtime().remove(id);
    runtime().kill(id);
    runtime().terminate(id);
  }

  @Test
  void goesOnInANewFileAfterALogWasMovedAway() throws Exception {
    ContainerSpec spec =
        spec(image(), List.of("sh", "-c", "i=0; while :; do echo $((i += 1)); sleep 0.02; done"));
    String id = runtime().create(spec);
    runtime().start(id);
    Path log = Path.of(inspect(id).logPath());
    Await.until("the log", () -> Files.exists(log) && Files.size(log) > 0);
    if (!runtime().rotatesLogs()) {
      Path away = log.resolveSibling(log.getFileName() + ".1");
      Files.move(log, away);
      Await.until(
          "the log's new name", () -> Files.exists(away)); // written on, until the engine is told
      runtime().reopenLog(id);
      Await.until("the next log", () -> Files.exists(log) && Files.size(log) > 0);
      runtime().kill(id);
      Await.until("its end", () -> !inspect(id).isRunning());
      List<Long> numbers = new ArrayList<>();
      for (Path each : List.of(away, log)) {
        for (String line : Files.readAllLines(each)) {
          numbers.add(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)));
        }
      }
      assertThat(numbers).isEqualTo(LongStream.rangeClosed(1, numbers.size()).boxed().toList());
    }
    runtime().remove(id);
  }

  @Test
  void removesWhatRuns() throws Exception {
    String id = runtime().create(spec(image(), FOREVER));
    runtime().start(id);
    runtime().remove(id);
    assertThat(runtime().inspect(id)).isEmpty();
  }

  @Test
  void replacesOneOfTheSameNameThatWasNeverStarted() throws Exception {
    ContainerSpec spec = spec(image(), FOREVER);
    String first = runtime().create(spec);
    String second = runtime().create(spec);
    assertThat(runtime().inspect(first)).isEmpty();
    runtime().remove(second);
  }

  @Test
  void saysThatAnImageIsMissing() throws Exception {
    assertThat(runtime().image("127.0.0.1:1/absent:1")).isEmpty();
    assertThatThrownBy(() -> runtime().create(spec("127.0.0.1:1/absent:1", FOREVER)))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.reason()).isEqualTo(Cause.NO_SUCH_IMAGE));
    assertThatThrownBy(
            () -> runtime().pull("127.0.0.1:1/absent:1", ContainerRuntime.Credentials.NONE))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.reason()).isEqualTo(Cause.PULL_FAILED));
  }

  @Test
  void saysThatACommandCannotBeStarted() throws Exception {
    String id = runtime().create(spec(image(), List.of("/no/such/program")));
    assertThatThrownBy(() -> runtime().start(id))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.reason()).isEqualTo(Cause.REFUSED));
    runtime().remove(id);
  }

  @Test
  void makesTheWorkingDirectoryThatTheImageLacks() throws Exception {
    ContainerSpec spec = spec(image(), List.of("true"));
    String id = runtime().create(ContainerSpecs.workingIn(spec, "/new/directory"));
    runtime().start(id);
    runtime().remove(id);
  }

  @Test
  void runsCommandsInARunningContainer() throws Exception {
    String id = started(FOREVER);
    Duration timeout = Duration.ofSeconds(10);
    assertThat(runtime().exec(id, List.of("true"), timeout).exitCode()).isZero();
    assertThat(runtime().exec(id, List.of("false"), timeout).exitCode()).isEqualTo(1);
    runtime().remove(id);
    assertThatThrownBy(() -> runtime().exec(id, List.of("true"), timeout))
        .isInstanceOf(EngineException.class);
  }
}
