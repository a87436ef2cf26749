package dev.wherry.agent.sync;

import dev.wherry.agent.image.Images;
import dev.wherry.agent.logs.LogStore;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodEvent.Failure;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.api.view.ContainerView;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Starts containers: the image, what the container is made of, the container, its process. Methods
 * block; thread-safe.
 *
 * @param starts containers being made and started at a time
 */
record ContainerStart(
    ContainerRuntime runtime,
    Images images,
    Credentials credentials,
    ImageVolumes volumes,
    ContainerAssembly assembly,
    LogStore logs,
    ContainerEnds ends,
    EngineLoss loss,
    Semaphore starts) {

  /** {@link PodEvent.Started} or {@link PodEvent.StartFailed}. */
  PodEvent run(PodState state, Effect.Start start, PodEvents events) throws InterruptedException {
    ContainerView container = state.spec(start.container());
    Failure.Stage stage = Failure.Stage.IMAGE;
    String reason = "";
    List<String> missing = credentials.missing(state.pod());
    if (!missing.isEmpty()) {
      events.missingPullSecrets(missing);
    }
    try {
      volumes.mount(state.pod(), container, events.images(container.name()));
      Image image =
          images.ensure(
              container.image(),
              container.imagePullPolicy(),
              credentials.of(state.pod(), container.image()),
              events.images(container.name()));
      stage = Failure.Stage.CONFIG;
      reason = "CreateContainerConfigError";
      ContainerSpec spec = assembly.assemble(state, container, start.attempt(), image);
      starts.acquire();
      try {
        stage = Failure.Stage.CREATE;
        reason = "CreateContainerError";
        String id = runtime.create(spec);
        logs.linkTo(spec, id);
        stage = Failure.Stage.START;
        reason = "StartError";
        ContainerObservation seen = started(id);
        return new PodEvent.Started(container.name(), ends.withMessage(seen));
      } finally {
        starts.release();
      }
    } catch (Images.ImageException e) {
      return failed(container, Failure.Stage.IMAGE, e.reason(), e);
    } catch (EngineException e) {
      loss.notice(e);
      return failed(
          container, e.reason() == Cause.UNREACHABLE ? Failure.Stage.ENGINE : stage, reason, e);
    } catch (IOException e) {
      return failed(container, stage, reason, e);
    }
  }

  /** Starts a container; one that cannot be started is removed, nobody would look for it. */
  private ContainerObservation started(String id) throws EngineException {
    try {
      runtime.start(id);
    } catch (EngineException e) {
      if (e.reason() != Cause.UNREACHABLE) {
        runtime.remove(id);
      }
      throw e;
    }
    return runtime
        .inspect(id)
        .orElseThrow(
            () -> new EngineException(Cause.NO_SUCH_CONTAINER, "container " + id + " is gone"));
  }

  private static PodEvent failed(
      ContainerView container, Failure.Stage stage, String reason, IOException e) {
    return new PodEvent.StartFailed(
        container.name(), new Failure(stage, reason, String.valueOf(e.getMessage())));
  }
}
