package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.Optional;

/** One entry of a pod's {@code status.containerStatuses}. */
public record ContainerStatusView(Obj tree) {

  /** What a container does, or did. */
  public sealed interface State {
    record Waiting(String reason, String message) implements State {}

    record Running(Optional<Instant> startedAt) implements State {}

    record Terminated(
        int exitCode,
        int signal,
        String reason,
        String message,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        String containerId)
        implements State {}
  }

  public String name() {
    return tree.string("name");
  }

  public State state() {
    return state(tree.obj("state")).orElseGet(() -> new State.Waiting("", ""));
  }

  /** Of the run before. */
  public Optional<State> lastState() {
    return state(tree.obj("lastState"));
  }

  public boolean ready() {
    return tree.flag("ready");
  }

  public boolean started() {
    return tree.flag("started");
  }

  public int restartCount() {
    return (int) tree.number("restartCount", 0);
  }

  public String image() {
    return tree.string("image");
  }

  public String imageId() {
    return tree.string("imageID");
  }

  /** As {@code podman://...}. */
  public String containerId() {
    return tree.string("containerID");
  }

  private static Optional<State> state(Obj state) {
    if (state.has("running")) {
      return Optional.of(
          new State.Running(Meta.Times.parse(state.obj("running").string("startedAt"))));
    }
    if (state.has("terminated")) {
      Obj end = state.obj("terminated");
      return Optional.of(
          new State.Terminated(
              (int) end.number("exitCode", 0),
              (int) end.number("signal", 0),
              end.string("reason"),
              end.string("message"),
              Meta.Times.parse(end.string("startedAt")),
              Meta.Times.parse(end.string("finishedAt")),
              end.string("containerID")));
    }
    if (state.has("waiting")) {
      Obj waiting = state.obj("waiting");
      return Optional.of(new State.Waiting(waiting.string("reason"), waiting.string("message")));
    }
    return Optional.empty();
  }
}
