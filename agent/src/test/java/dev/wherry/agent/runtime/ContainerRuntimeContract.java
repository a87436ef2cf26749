package dev.wherry.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.agent.runtime.ContainerSpec.HostNamespaces;
import dev.wherry.agent.runtime.ContainerSpec.Identity;
import dev.wherry.agent.runtime.ContainerSpec.Limits;
import dev.wherry.agent.runtime.ContainerSpec.Process;
import dev.wherry.agent.runtime.ContainerSpec.Security;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    return new ContainerSpec(
        new Identity(new ObjectKey("ns", "web"), new PodUid(uid), "app", 3, "web:1"),
        image,
        new Process(command, List.of(), List.of("A=b"), "", false, false, false),
        Optional.empty(),
        new HostNamespaces(true, false, false),
        List.of(),
        new Security("", List.of(), false, true, false, List.of(), List.of(), "", Map.of()),
        new Limits(OptionalLong.empty(), 2, OptionalLong.empty(), 1000),
        directory().resolve(uid + ".log"));
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

      runtime().kill(id);
      assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
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
  void runsCommandsInARunningContainer() throws Exception {
    String id = runtime().create(spec(image(), FOREVER));
    runtime().start(id);
    Duration timeout = Duration.ofSeconds(10);
    assertThat(runtime().exec(id, List.of("true"), timeout).exitCode()).isZero();
    assertThat(runtime().exec(id, List.of("false"), timeout).exitCode()).isEqualTo(1);
    runtime().remove(id);
    assertThatThrownBy(() -> runtime().exec(id, List.of("true"), timeout))
        .isInstanceOf(EngineException.class);
  }
}
