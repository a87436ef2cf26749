package dev.wherry.agent.runtime;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.api.object.PodUid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A container engine as pods need it. Sees only containers that it made itself, by their labels.
 * Methods block; thread-safe.
 */
public interface ContainerRuntime {

  /** As the scheme of container ids has it: {@code podman}. */
  String name();

  /** Whether the engine keeps the bound of logs by itself; then nobody moves its files. */
  boolean rotatesLogs();

  /** Whether containers can have users of their own. */
  boolean mapsUsers();

  /** Whether it says whose a container's process is. */
  boolean tellsUsers();

  /**
   * Has the engine write the rest of a running container's log into a new file, after the one that
   * it wrote was renamed. Returns at once; the file is there milliseconds later.
   */
  void reopenLog(String id) throws EngineException;

  /** Name and version, as a node's status has it: {@code podman://4.3.1}. */
  String version() throws EngineException;

  /**
   * Makes a container; its id. One of the same name that never started is replaced.
   *
   * @throws EngineException {@code NO_SUCH_IMAGE} when the image is not here
   */
  String create(ContainerSpec spec) throws EngineException;

  /**
   * Starts a container that was made.
   *
   * @throws EngineException {@code REFUSED} when its process cannot be started
   */
  void start(String id) throws EngineException;

  /** Gives a running container other bounds of CPU and memory; its processes run on. */
  void update(String id, ContainerSpec.Limits limits) throws EngineException;

  /** Bytes in the container's own layer: what it wrote beside its volumes. 0 where it is gone. */
  long writtenBytes(String id) throws EngineException;

  /** Sends its stop signal and returns; one that has ended or is gone is no error. */
  void terminate(String id) throws EngineException;

  /** Sends SIGKILL and returns; one that has ended or is gone is no error. */
  void kill(String id) throws EngineException;

  /** Ends it at once and removes it; one that is gone already is no error. */
  void remove(String id) throws EngineException;

  Optional<ContainerObservation> inspect(String id) throws EngineException;

  /** All of this node's containers, running or not. */
  List<ContainerObservation> list() throws EngineException;

  /** A pod's containers, running or not; costs less than to look for them among all. */
  List<ContainerObservation> list(PodUid pod) throws EngineException;

  /**
   * Runs a command in a running container without input; its exit code and last output.
   *
   * @throws EngineException {@code TIMED_OUT} when it was ended after this time
   */
  ExecResult exec(String id, List<String> command, Duration timeout) throws EngineException;

  /** At most {@value #MAX_EXEC_OUTPUT_BYTES} bytes of both outputs are kept. */
  record ExecResult(int exitCode, String output) {}

  int MAX_EXEC_OUTPUT_BYTES = 10 * 1024;

  /** The image of this name where it is present. */
  Optional<Image> image(String name) throws EngineException;

  /**
   * @param id {@code sha256:...} of its configuration
   * @param digests {@code repository@sha256:...}
   * @param user as the image's configuration says, often empty
   * @param architecture as images name it, {@code amd64}; empty where nobody says
   */
  record Image(
      String id,
      List<String> names,
      List<String> digests,
      long sizeBytes,
      String user,
      String architecture) {
    public Image(String id, List<String> names, List<String> digests, long sizeBytes, String user) {
      this(id, names, digests, sizeBytes, user, "");
    }
  }

  List<Image> images() throws EngineException;

  /**
   * The directories of an image's layers, the topmost first.
   *
   * @throws EngineException {@code REFUSED} when this engine keeps them in another way
   */
  List<Path> layers(String imageId) throws EngineException;

  /**
   * Pulls an image.
   *
   * @throws EngineException {@code PULL_FAILED} with the registry's words
   */
  Image pull(String name, Credentials credentials) throws EngineException;

  /** For a registry; {@link #NONE} asks anonymously. */
  record Credentials(String username, String password) {
    public static final Credentials NONE = new Credentials("", "");

    public boolean isPresent() {
      return !username.isEmpty();
    }

    @Override
    public String toString() {
      return isPresent() ? username + ":***" : "none";
    }
  }

  /**
   * Removes an image with all its names; one that is gone already is no error.
   *
   * @throws EngineException {@code REFUSED} while a container uses it
   */
  void removeImage(String id) throws EngineException;

  /** Loads the images of a tar archive; their names. */
  List<String> load(Path archive) throws EngineException;

  /** Told the id of each container that ends, as soon as it is known; may be told twice. */
  interface ExitListener {
    void onExit(String containerId);
  }

  /** Watches ends until the handle is closed. Some may be missed: list now and then. */
  AutoCloseable watchExits(ExitListener listener) throws EngineException;
}
