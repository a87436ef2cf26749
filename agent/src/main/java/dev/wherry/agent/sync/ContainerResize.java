package dev.wherry.agent.sync;

import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.ContainerState;
import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.usage.MemoryUse;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Gives running containers other bounds. The pod's group is widened before its containers' and
 * narrowed after them: the kernel refuses a group more processor time than the one above it.
 * Methods block; thread-safe.
 */
record ContainerResize(ContainerRuntime runtime, PodCgroups cgroups, ContainerPolicy policy) {

  PodEvent run(PodState state, Effect.Resize resize) throws InterruptedException {
    Map<String, Obj> resources = new HashMap<>();
    try {
      refuseTooLittle(state);
      String parent = cgroups.widen(state.pod());
      for (Map.Entry<String, String> each : resize.ids().entrySet()) {
        ContainerView spec = state.spec(each.getKey());
        refuseTooLittle(spec, each.getValue());
        runtime.update(each.getValue(), ContainerLimits.render(state.pod(), spec, policy, parent));
        resources.put(each.getKey(), spec.tree().obj("resources").without("claims"));
      }
      cgroups.place(state.pod());
      return new PodEvent.Resized(resources);
    } catch (IOException e) {
      return new PodEvent.ResizeFailed(String.valueOf(e.getMessage()));
    }
  }

  /** As the other, for what the pod may have as a whole. */
  private void refuseTooLittle(PodState state) throws IOException {
    long limit = state.pod().limits().memoryBytes();
    long used = 0;
    for (ContainerState each : state.containers()) {
      Optional<ContainerObservation> seen =
          limit > 0 && each.runningId().isPresent()
              ? runtime.inspect(each.runningId().get())
              : Optional.empty();
      used += seen.isPresent() ? MemoryUse.ofProcess(seen.get().pid()).orElse(0) : 0;
    }
    if (limit > 0 && used > limit) {
      throw new IOException(
          "attempting to set pod memory limit (%d) below current usage (%d)"
              .formatted(limit, used));
    }
  }

  /** A group of version 2 takes less than it uses, and ends its processes. */
  private void refuseTooLittle(ContainerView spec, String id) throws IOException {
    Optional<ContainerObservation> seen = runtime.inspect(id);
    long limit = spec.limits().memoryBytes();
    OptionalLong used =
        seen.isPresent() ? MemoryUse.ofProcess(seen.get().pid()) : OptionalLong.empty();
    if (limit > 0 && used.isPresent() && used.getAsLong() > limit) {
      throw new IOException(
          "attempting to set container %s memory limit (%d) below current usage (%d)"
              .formatted(spec.name(), limit, used.getAsLong()));
    }
  }
}
