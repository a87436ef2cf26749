package dev.wherry.agent.sync;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpec.HostNamespaces;
import dev.wherry.agent.runtime.ContainerSpec.Identity;
import dev.wherry.agent.runtime.ContainerSpec.Limits;
import dev.wherry.agent.runtime.ContainerSpec.Namespaces;
import dev.wherry.agent.runtime.ContainerSpec.ProcMount;
import dev.wherry.agent.runtime.ContainerSpec.Process;
import dev.wherry.agent.runtime.ContainerSpec.Security;
import dev.wherry.agent.runtime.ContainerSpec.Users;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Process 1 of pods whose containers see each other's processes ({@code shareProcessNamespace}): it
 * holds the process namespace and reaps what is orphaned there. Of pods that have users of their
 * own ({@code hostUsers: false}) it holds those, and the namespaces that they own. Thread-safe.
 */
final class PauseContainer {
  /** Of those that Wherry brings along; loaded at the agent's start. */
  private static final String IMAGE = "docker.io/wherry/pause:1";

  private static final int OOM_SCORE = -998;

  private final ContainerRuntime runtime;
  private final PodDirectories directories;
  private final ReentrantLock lock = new ReentrantLock();

  PauseContainer(ContainerRuntime runtime, PodDirectories directories) {
    this.runtime = runtime;
    this.directories = directories;
  }

  static boolean isWanted(PodView pod) {
    return sharesProcesses(pod) || !pod.hostUsers();
  }

  static boolean sharesProcesses(PodView pod) {
    return pod.shareProcessNamespace() && !pod.hostPid();
  }

  /** The id of the pod's, made and started unless it runs. */
  String ensure(PodView pod, Optional<Namespaces> namespaces, Users users, String cgroupParent)
      throws IOException {
    lock.lock();
    try {
      int attempt = 0;
      for (ContainerObservation each : of(pod.uid())) {
        if (each.isRunning()) {
          return each.id();
        }
        // One that ended stays while the containers that shared it do: the engine will have it so.
        attempt = Math.max(attempt, each.attempt() + 1);
      }
      ContainerSpec spec = spec(pod, attempt, namespaces, users, cgroupParent);
      Files.createDirectories(spec.logPath().getParent());
      String id = runtime.create(spec);
      runtime.start(id);
      return id;
    } finally {
      lock.unlock();
    }
  }

  /** The process of the pod's; empty: it does not run. */
  OptionalLong process(PodUid pod) throws EngineException {
    return of(pod).stream()
        .filter(ContainerObservation::isRunning)
        .mapToLong(ContainerObservation::pid)
        .findFirst();
  }

  /** Ends the pod's; it is removed with the pod, after the containers that shared it. */
  void end(PodUid pod) throws EngineException {
    for (ContainerObservation each : of(pod)) {
      runtime.kill(each.id());
    }
  }

  private List<ContainerObservation> of(PodUid pod) throws EngineException {
    return runtime.list(pod).stream().filter(each -> each.name().equals(Identity.PAUSE)).toList();
  }

  private ContainerSpec spec(
      PodView pod, int attempt, Optional<Namespaces> namespaces, Users users, String cgroupParent)
      throws EngineException {
    String image =
        runtime
            .image(IMAGE)
            .orElseThrow(
                () ->
                    new EngineException(
                        EngineException.Cause.NO_SUCH_IMAGE,
                        "pods with namespaces of this kind need the image "
                            + IMAGE
                            + ", which is not here"))
            .id();
    Path log = directories.runOfPod(pod.uid()).resolve("pause.log");
    return new ContainerSpec(
        new Identity(pod.key(), pod.uid(), Identity.PAUSE, attempt, IMAGE),
        image,
        new Process(List.of(), List.of(), List.of(), "", false, false, false, ""),
        namespaces,
        new HostNamespaces(pod.hostNetwork(), false, pod.hostIpc()),
        users,
        "",
        List.of(),
        List.of(),
        List.of(),
        new Security(
            "65535:65535",
            List.of(),
            false,
            false,
            true,
            List.of(),
            List.of("ALL"),
            "",
            Map.of(),
            "",
            ProcMount.DEFAULT,
            List.of()),
        new Limits(
            OptionalLong.empty(),
            2,
            OptionalLong.empty(),
            OOM_SCORE,
            Map.of(),
            cgroupParent,
            Map.of()),
        log);
  }
}
