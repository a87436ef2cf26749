package dev.wherry.agent.sync;

import dev.wherry.agent.image.Images;
import dev.wherry.agent.pod.ContainerState;
import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.Effect.Type;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.util.List;

/** The Kubernetes events of one pod. Thread-safe. */
final class PodEvents {
  private final EventRecorder recorder;
  private volatile PodState state;

  PodEvents(EventRecorder recorder, PodState state) {
    this.recorder = recorder;
    this.state = state;
  }

  void follow(PodState next) {
    state = next;
  }

  void record(Effect.Record event) {
    PodState now = state;
    PodView pod = now.pod();
    recorder.record(
        EventRecorder.reference(
            pod.key(),
            pod.uid().text(),
            pod.meta().resourceVersion(),
            fieldPath(now, event.container())),
        event.type().word(),
        event.reason(),
        event.message());
  }

  private static String fieldPath(PodState state, String container) {
    if (container.isEmpty()) {
      return "";
    }
    Role role = state.container(container).map(ContainerState::role).orElse(Role.APP);
    String list =
        switch (role) {
          case INIT, SIDECAR -> "initContainers";
          case APP -> "containers";
          case EPHEMERAL -> "ephemeralContainers";
        };
    return "spec." + list + "{" + container + "}";
  }

  /** Secrets that images are pulled with and that are not there. */
  void missingPullSecrets(List<String> names) {
    record(
        new Effect.Record(
            Type.WARNING,
            "FailedToRetrieveImagePullSecret",
            "Unable to retrieve some image pull secrets ("
                + String.join(", ", names)
                + "); attempting to pull the image may not succeed.",
            ""));
  }

  /** Tells an image's way to the pod's events. */
  Images.Progress images(String container) {
    return new Images.Progress() {
      @Override
      public void pulling(String image) {
        tell(Type.NORMAL, "Pulling", "Pulling image \"" + image + "\"");
      }

      @Override
      public void pulled(String image, Duration took, Duration withWaiting, long sizeBytes) {
        tell(
            Type.NORMAL,
            "Pulled",
            "Successfully pulled image \""
                + image
                + "\" in "
                + seconds(took)
                + " ("
                + seconds(withWaiting)
                + " including waiting). Image size: "
                + sizeBytes
                + " bytes.");
      }

      @Override
      public void present(String image) {
        tell(Type.NORMAL, "Pulled", "Container image \"" + image + "\" already present on machine");
      }

      @Override
      public void failed(String image, String message) {
        tell(Type.WARNING, "Failed", "Failed to pull image \"" + image + "\": " + message);
      }

      @Override
      public void neverPulled(String message) {
        tell(Type.WARNING, "ErrImageNeverPull", message);
      }

      @Override
      public void inspectFailed(String message) {
        tell(Type.WARNING, "InspectFailed", message);
      }

      @Override
      public boolean isWanted() {
        return state.lifecycle() == Lifecycle.ACTIVE;
      }

      private void tell(Type type, String reason, String message) {
        record(new Effect.Record(type, reason, message, container));
      }
    };
  }

  private static String seconds(Duration took) {
    return took.toMillis() < 1000
        ? took.toMillis() + "ms"
        : "%.3fs".formatted(took.toMillis() / 1000.0);
  }
}
