package dev.wherry.agent.runtime.docker;

import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.engine.ContainerLabels;
import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** The containers that hold pods' namespaces, which other containers join. Thread-safe. */
public final class DockerSandboxes {
  private static final Duration SLOW = Duration.ofMinutes(2);

  private final DockerRuntime containers;
  private final String owner;
  private final String image;
  private final ReentrantLock making = new ReentrantLock();

  DockerSandboxes(DockerRuntime containers, String owner, String image) {
    this.containers = containers;
    this.owner = owner;
    this.image = image;
  }

  private static String name(PodUid pod) {
    return "POD_" + pod.text();
  }

  /** The id of the container that holds the pod's namespaces, where it runs. */
  static Optional<String> running(EngineApi api, PodUid pod) throws EngineException {
    return inspected(api, pod).map(json -> json.string("Id"));
  }

  private static Optional<Obj> inspected(EngineApi api, PodUid pod) throws EngineException {
    Answer answer = api.get("/containers/" + name(pod) + "/json");
    if (answer.status() == 404) {
      return Optional.empty();
    }
    Obj json = EngineApi.checked(answer, Cause.NO_SUCH_CONTAINER).json();
    return json.obj("State").flag("Running") ? Optional.of(json) : Optional.empty();
  }

  /** The process that holds the pod's namespaces; made where there is none that runs. */
  public long hold(PodUid pod, String hostname) throws EngineException {
    EngineApi api = containers.api();
    Optional<String> running = running(api, pod);
    String id = running.isPresent() ? running.get() : make(api, pod, hostname);
    return pid(
        EngineApi.checked(api.get("/containers/" + id + "/json"), Cause.NO_SUCH_CONTAINER).json());
  }

  /**
   * The container that holds an IPC namespace for a pod, whichever of its containers asks first.
   */
  String ensure(PodUid pod) throws EngineException {
    making.lock();
    try {
      Optional<String> running = running(containers.api(), pod);
      return running.isPresent() ? running.get() : make(containers.api(), pod, "");
    } finally {
      making.unlock();
    }
  }

  private String make(EngineApi api, PodUid pod, String hostname) throws EngineException {
    containers.remove(name(pod));
    Obj labels = Obj.of(ContainerLabels.SANDBOX_OF, pod.text(), ContainerLabels.OWNER, owner);
    Obj body = DockerCreateRequest.renderSandbox(image, hostname, labels);
    Answer made = api.post("/containers/create?name=" + name(pod), body, SLOW);
    String id = EngineApi.checked(made, Cause.NO_SUCH_IMAGE).json().string("Id");
    containers.start(id);
    return id;
  }

  /** The process that holds the pod's namespaces; empty: none does. */
  public OptionalLong holder(PodUid pod) throws EngineException {
    return inspected(containers.api(), pod).stream().mapToLong(DockerSandboxes::pid).findFirst();
  }

  private static long pid(Obj inspected) {
    return inspected.obj("State").number("Pid", 0);
  }

  /** Lets go of a pod's namespaces; one that has none is no error. */
  public void release(PodUid pod) throws EngineException {
    containers.remove(name(pod));
  }

  /** The pods whose namespaces have a container, running or not. */
  public Set<PodUid> pods() throws EngineException {
    Set<PodUid> pods = new HashSet<>();
    for (Obj each : containers.listed(ContainerLabels.SANDBOX_OF)) {
      pods.add(new PodUid(each.obj("Labels").string(ContainerLabels.SANDBOX_OF)));
    }
    return pods;
  }
}
