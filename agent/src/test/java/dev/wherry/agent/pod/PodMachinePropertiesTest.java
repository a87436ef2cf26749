package dev.wherry.agent.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random engines and clocks against the machine: whatever happens in whatever order, nothing runs
 * twice, planning twice wants nothing twice, and a deleted pod is gone in the end.
 */
class PodMachinePropertiesTest {
  private static final List<String> SPECS =
      List.of(
          Pods.one("Always"),
          Pods.one("OnFailure"),
          Pods.one("Never"),
          """
          {"initContainers":[{"name":"i1","image":"hello:1"},
             {"name":"s1","image":"hello:1","restartPolicy":"Always"}],
           "containers":[{"name":"a1","image":"hello:1"},{"name":"a2","image":"hello:1",
             "livenessProbe":{"tcpSocket":{"port":1}}}]}
          """,
          """
          {"restartPolicy":"Never",
           "initContainers":[{"name":"s1","image":"hello:1","restartPolicy":"Always",
             "lifecycle":{"preStop":{"sleep":{"seconds":1}}}},
             {"name":"s2","image":"hello:1","restartPolicy":"Always"}],
           "containers":[{"name":"a1","image":"hello:1",
             "restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[1]}}],
             "lifecycle":{"postStart":{"exec":{"command":["true"]}},
               "preStop":{"exec":{"command":["true"]}}}},
             {"name":"a2","image":"hello:1","restartPolicy":"OnFailure"}],
           "ephemeralContainers":[{"name":"e1","image":"hello:1"}]}
          """);

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 42, 1234, 99999})
  void holdsItsInvariants(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      new Simulation(random, SPECS.get(random.nextInt(SPECS.size()))).run();
    }
  }

  /** An engine that does what it is told, late, sometimes not, and whose containers crash. */
  private static final class Simulation {
    private final Random random;
    private final Pods pod;
    private final List<Effect> open = new ArrayList<>();
    private final Map<String, Integer> alive = new HashMap<>();
    private final Map<String, Integer> restarts = new HashMap<>();

    /** All containers of the engine that have ended and were not removed, by id. */
    private final Map<String, ContainerObservation> ended = new HashMap<>();

    private boolean deleted;

    Simulation(Random random, String spec) {
      this.random = random;
      this.pod = new Pods(spec);
    }

    void run() {
      step(new PodEvent.Tick());
      for (int i = 0; i < 120; i++) {
        something();
      }
      deleted = true;
      step(new PodEvent.Dropped());
      for (int i = 0; i < 2000 && pod.state.lifecycle() != Lifecycle.GONE; i++) {
        something();
      }
      assertThat(pod.state.lifecycle()).isEqualTo(Lifecycle.GONE);
      assertThat(alive).isEmpty();
    }

    private void something() {
      int dice = random.nextInt(12);
      if (dice == 10 && !deleted) {
        agentCrash();
      } else if (dice == 11 && !deleted) {
        resize();
      } else if (dice < 5 && !open.isEmpty()) {
        answer(open.remove(random.nextInt(open.size())));
      } else if (dice < 6 && !alive.isEmpty()) {
        crash();
      } else if (dice < 7 && !alive.isEmpty()) {
        String name = List.copyOf(alive.keySet()).get(random.nextInt(alive.size()));
        step(
            new PodEvent.Probed(
                aliveId(name), PodEvent.ProbeKind.LIVENESS, PodEvent.Verdict.FAILURE, ""));
      } else {
        pod.now = pod.now.plus(Duration.ofMillis(random.nextInt(20_000)));
        step(new PodEvent.Tick());
      }
    }

    /** One container is to have more or less, in place or by a restart. */
    private void resize() {
      Obj spec = pod.state.pod().spec();
      List<Obj> containers = new ArrayList<>(spec.objs("containers"));
      int which = random.nextInt(containers.size());
      String policy = random.nextBoolean() ? "NotRequired" : "RestartContainer";
      containers.set(
          which,
          containers
              .get(which)
              .with("resources", Obj.of("requests", Obj.of("cpu", random.nextInt(1, 4) + "00m")))
              .with(
                  "resizePolicy", List.of(Obj.of("resourceName", "cpu", "restartPolicy", policy))));
      step(
          new PodEvent.Desired(
              new PodView(
                  pod.state.pod().tree().with("spec", spec.with("containers", containers)))));
    }

    private PodEvent resized(Effect.Resize resize) {
      Map<String, Obj> resources = new HashMap<>();
      resize
          .ids()
          .keySet()
          .forEach(name -> resources.put(name, PodResize.resources(pod.state.spec(name))));
      return new PodEvent.Resized(resources);
    }

    /**
     * The agent ends between any two effects: what it had asked for was done or was not, nobody
     * answers, and the next agent sees the engine and an older or newer status.
     */
    private void agentCrash() {
      for (Effect each : open) {
        if (each instanceof Effect.Start start
            && !alive.containsKey(start.container())
            && random.nextBoolean()) {
          alive.put(start.container(), start.attempt());
        }
      }
      open.clear();
      restarts.clear();
      List<ContainerObservation> seen = new ArrayList<>(ended.values());
      alive.forEach(
          (name, attempt) ->
              seen.add(pod.seen(name, attempt, ContainerObservation.Phase.RUNNING, 0)));
      Optional<String> ip = random.nextBoolean() ? Optional.of("10.0.0.1") : Optional.empty();
      PodView known =
          random.nextBoolean()
              ? pod.state.pod()
              : new PodView(
                  pod.state
                      .pod()
                      .tree()
                      .with(
                          "status",
                          PodStatus.render(
                              pod.state,
                              new PodStatus.Host(List.of("1.2.3.4"), "podman", List::of))));
      pod.state = PodAdoption.adopt(known, seen, ip, Moment.of(pod.now));
      step(new PodEvent.Tick());
    }

    private void crash() {
      String name = List.copyOf(alive.keySet()).get(random.nextInt(alive.size()));
      end(name, random.nextInt(2));
    }

    private void end(String name, int code) {
      int attempt = Objects.requireNonNull(alive.remove(name));
      ContainerObservation end = pod.seen(name, attempt, ContainerObservation.Phase.EXITED, code);
      ended.put(end.id(), end);
      step(new PodEvent.Exited(end));
    }

    private void answer(Effect effect) {
      boolean fails = random.nextInt(4) == 0;
      switch (effect) {
        case Effect.Prepare _ ->
            step(
                fails
                    ? new PodEvent.PrepareFailed("FailedMount", "no")
                    : new PodEvent.Prepared("10.0.0.1"));
        case Effect.Start start -> start(start, fails);
        case Effect.PostStart hook -> hookDone(hook.id(), PodEvent.Hook.POST_START, fails);
        case Effect.PreStop hook -> hookDone(hook.id(), PodEvent.Hook.PRE_STOP, fails);
        case Effect.Allocate ask ->
            step(
                fails
                    ? new PodEvent.NotAllocated(ask.wanted(), "Deferred", "no room")
                    : new PodEvent.Allocated(ask.wanted()));
        case Effect.Resize resize ->
            step(fails ? new PodEvent.ResizeFailed("busy") : resized(resize));
        case Effect.Terminate terminate -> {
          if (!fails) {
            endById(terminate.id(), 143);
          }
        }
        case Effect.Kill kill -> endById(kill.id(), 137);
        case Effect.RemoveContainer remove -> {
          ended.remove(remove.id());
          alive.keySet().removeIf(name -> aliveId(name).equals(remove.id()));
        }
        case Effect.CleanUp _ ->
            step(fails ? new PodEvent.CleanUpFailed("busy") : new PodEvent.CleanedUp());
        case Effect.ReleaseSandbox _ -> assertThat(alive).isEmpty();
        case Effect.ReportGone _, Effect.Record _ -> {
          // Answered by nobody.
        }
      }
    }

    private String aliveId(String name) {
      return Pods.id(name, alive.getOrDefault(name, -1));
    }

    private void endById(String id, int code) {
      List.copyOf(alive.keySet()).stream()
          .filter(name -> aliveId(name).equals(id))
          .forEach(name -> end(name, code));
    }

    private void hookDone(String id, PodEvent.Hook hook, boolean fails) {
      step(
          new PodEvent.HookDone(
              id, hook, fails ? PodEvent.Verdict.FAILURE : PodEvent.Verdict.SUCCESS));
    }

    private void start(Effect.Start start, boolean fails) {
      assertThat(alive)
          .as("no second process of one container")
          .doesNotContainKey(start.container());
      if (fails) {
        PodEvent.Failure.Stage[] stages = PodEvent.Failure.Stage.values();
        step(
            new PodEvent.StartFailed(
                start.container(),
                new PodEvent.Failure(stages[random.nextInt(stages.length)], "ErrImagePull", "no")));
      } else {
        alive.put(start.container(), start.attempt());
        step(
            new PodEvent.Started(
                start.container(),
                pod.seen(
                    start.container(), start.attempt(), ContainerObservation.Phase.RUNNING, 0)));
      }
    }

    private void step(PodEvent event) {
      List<Effect> effects = pod.on(event);
      open.addAll(Pods.acts(effects));
      assertThat(Pods.acts(pod.tick())).as("a second plan after " + event).isEmpty();
      long starts = open.stream().filter(Effect.Start.class::isInstance).distinct().count();
      assertThat(open.stream().filter(Effect.Start.class::isInstance).count()).isEqualTo(starts);
      pod.state
          .containers()
          .forEach(
              each -> {
                int before = restarts.getOrDefault(each.name(), 0);
                assertThat(each.restartCount()).isGreaterThanOrEqualTo(before);
                restarts.put(each.name(), each.restartCount());
              });
      String phase = pod.phase();
      assertThat(phase).isIn("Pending", "Running", "Succeeded", "Failed");
      if (pod.condition("Ready").equals("True")) {
        assertThat(phase).isEqualTo("Running");
      }
    }
  }
}
