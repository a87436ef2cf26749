package dev.wherry.agent.runtime.engine;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * How a container carries which pod's it is, and how an engine's JSON reads back. The keys without
 * our prefix are those that other node agents use, so that tools find their way.
 */
public final class ContainerLabels {
  public static final String POD_UID = "io.kubernetes.pod.uid";

  /** Of a container that holds a pod's namespaces and is none of its containers. */
  public static final String SANDBOX_OF = "dev.wherry.sandbox-of";

  /** Of everything that one agent made, where an engine serves several. */
  public static final String OWNER = "dev.wherry.owner";

  static final String POD_NAME = "io.kubernetes.pod.name";
  static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  static final String CONTAINER = "io.kubernetes.container.name";
  static final String ATTEMPT = "dev.wherry.restart-count";
  static final String LOG_PATH = "dev.wherry.log-path";
  static final String IMAGE = "dev.wherry.image";

  private ContainerLabels() {}

  public static Obj of(ContainerSpec spec) {
    ContainerSpec.Identity identity = spec.identity();
    return Obj.of(
        POD_UID,
        identity.podUid().text(),
        POD_NAME,
        identity.pod().name(),
        POD_NAMESPACE,
        identity.pod().namespace(),
        CONTAINER,
        identity.container(),
        ATTEMPT,
        Integer.toString(identity.attempt()),
        LOG_PATH,
        spec.logPath().toString(),
        IMAGE,
        identity.imageName());
  }

  /** From the answer of {@code /libpod/containers/ID/json}. */
  public static ContainerObservation fromInspect(Obj json) {
    Obj state = json.obj("State");
    Obj labels = json.at("Config", "Labels");
    return observation(
        json.string("Id"),
        labels,
        phase(state.string("Status")),
        state.number("Pid", 0),
        (int) state.number("ExitCode", 0),
        instant(state.string("StartedAt")),
        instant(state.string("FinishedAt")),
        state.flag("OOMKilled"),
        json.string("Image"),
        state.string("Error"));
  }

  /** From one entry of {@code /libpod/containers/json}. */
  public static ContainerObservation fromList(Obj json) {
    return observation(
        json.string("Id"),
        json.obj("Labels"),
        phase(json.string("State")),
        json.number("Pid", 0),
        (int) json.number("ExitCode", 0),
        seconds(json.number("StartedAt", 0)),
        json.flag("Exited") ? seconds(json.number("ExitedAt", 0)) : Instant.EPOCH,
        false,
        json.string("ImageID"),
        "");
  }

  private static ContainerObservation observation(
      String id,
      Obj labels,
      Phase phase,
      long pid,
      int exitCode,
      Instant startedAt,
      Instant finishedAt,
      boolean oomKilled,
      String imageId,
      String error) {
    return new ContainerObservation(
        id,
        new ObjectKey(labels.string(POD_NAMESPACE), labels.string(POD_NAME)),
        new PodUid(labels.string(POD_UID)),
        labels.string(CONTAINER),
        number(labels.string(ATTEMPT)),
        phase,
        pid,
        exitCode,
        startedAt,
        finishedAt,
        oomKilled,
        labels.string(IMAGE),
        imageId.isEmpty() || imageId.startsWith("sha256:") ? imageId : "sha256:" + imageId,
        labels.string(LOG_PATH),
        error,
        Optional.empty());
  }

  private static int number(String text) {
    return text.chars().allMatch(Character::isDigit) && !text.isEmpty() && text.length() < 9
        ? Integer.parseInt(text)
        : 0;
  }

  private static Phase phase(String status) {
    return switch (status) {
      case "running", "paused", "stopping" -> Phase.RUNNING;
      case "created", "configured", "initialized", "unknown", "" -> Phase.CREATED;
      default -> Phase.EXITED;
    };
  }

  private static Instant seconds(long epochSeconds) {
    return epochSeconds <= 0 ? Instant.EPOCH : Instant.ofEpochSecond(epochSeconds);
  }

  private static Instant instant(String text) {
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return instant.isBefore(Instant.EPOCH) ? Instant.EPOCH : instant;
    } catch (DateTimeException _) {
      return Instant.EPOCH;
    }
  }
}
