package dev.wherry.agent.runtime.docker;

import static dev.wherry.agent.runtime.socket.UnixHttp.encode;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.docker.DockerCreateRequest.LogBound;
import dev.wherry.agent.runtime.engine.ContainerLabels;
import dev.wherry.agent.runtime.engine.EngineApi;
import dev.wherry.agent.runtime.engine.EngineExec;
import dev.wherry.agent.runtime.engine.EngineImages;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Containers on Docker Engine by its REST API. A pod's namespaces are held by a pause container,
 * since Docker takes none by path; logs are in its json-file format, rotated by itself, with a link
 * at the place where Kubernetes has them. Thread-safe.
 */
public final class DockerRuntime implements ContainerRuntime, AutoCloseable {
  private static final String PREFIX = "/v1.41";
  private static final Duration QUICK = Duration.ofSeconds(30);
  private static final Duration SLOW = Duration.ofMinutes(2);
  private static final Duration LOAD = Duration.ofMinutes(10);

  private final EngineApi api;
  private final EngineImages images;
  private final String owner;
  private final LogBound logs;
  private final int lowestOomScoreAdj;
  private final DockerSandboxes sandboxes;

  /**
   * @param socket of the daemon
   * @param owner whose containers these are: a daemon may serve several agents
   * @param holderImage that does nothing: its containers hold pods' namespaces
   * @param lowestOomScoreAdj that the kernel lets us give; lower ones are raised to it
   * @param maxLogBytes of one file of a container's log
   * @param pullPatience the time that a pull may stand still before it is given up
   */
  public DockerRuntime(
      Path socket,
      String owner,
      String holderImage,
      int lowestOomScoreAdj,
      long maxLogBytes,
      int maxLogFiles,
      Duration pullPatience) {
    this.api = new EngineApi(new UnixHttp(socket), PREFIX);
    this.images = new EngineImages(api, pullPatience);
    this.owner = owner;
    this.lowestOomScoreAdj = lowestOomScoreAdj;
    this.sandboxes = new DockerSandboxes(this, owner, holderImage);
    this.logs = new LogBound(maxLogBytes, maxLogFiles);
  }

  /** The containers that hold pods' namespaces. */
  public DockerSandboxes sandboxes() {
    return sandboxes;
  }

  /** For exec, attach and port-forward. */
  public EngineApi api() {
    return api;
  }

  @Override
  public String name() {
    return "docker";
  }

  @Override
  public boolean tellsUsers() {
    return false;
  }

  @Override
  public boolean mapsUsers() {
    return false;
  }

  @Override
  public boolean rotatesLogs() {
    return true;
  }

  @Override
  public void reopenLog(String id) throws EngineException {
    throw new EngineException(Cause.REFUSED, "Docker rotates its logs by itself");
  }

  /** Whether the daemon answers. */
  public boolean answers() {
    try {
      return api.get("/_ping").ok();
    } catch (EngineException _) {
      return false;
    }
  }

  @Override
  public String version() throws EngineException {
    Obj version = EngineApi.checked(api.get("/version"), Cause.REFUSED).json();
    return "docker://" + version.string("Version", "unknown");
  }

  @Override
  public String create(ContainerSpec spec) throws EngineException {
    Optional<String> sandbox = Optional.empty();
    if (spec.namespaces().isPresent()) {
      PodUid pod = spec.identity().podUid();
      // A pod in the host's network has no sandbox but for the IPC namespace of its containers.
      sandbox =
          Optional.of(spec.hostNamespaces().network() ? sandboxes.ensure(pod) : sandboxOf(pod));
    }
    Obj body = DockerCreateRequest.render(spec, owner, sandbox, logs, lowestOomScoreAdj);
    String name = spec.identity().engineName();
    String path = "/containers/create?name=" + encode(name);
    Answer answer = api.post(path, body, SLOW);
    if (answer.status() == 409) {
      // Made by an agent that ended before it could start it: its making was not reported.
      remove(name);
      answer = api.post(path, body, SLOW);
    }
    String id = EngineApi.checked(answer, Cause.NO_SUCH_IMAGE).json().string("Id");
    new DockerLogs(api).link(spec.logPath(), id);
    return id;
  }

  private String sandboxOf(PodUid pod) throws EngineException {
    return DockerSandboxes.running(api, pod)
        .orElseThrow(
            () -> new EngineException(Cause.NOT_RUNNING, "the pod's sandbox is not running"));
  }

  /** Whether systemd makes the containers' control groups, and not the engine itself. */
  public boolean usesSystemdCgroups() throws EngineException {
    Obj info = EngineApi.checked(api.get("/info"), Cause.REFUSED).json();
    return info.string("CgroupDriver").equals("systemd");
  }

  @Override
  public void start(String id) throws EngineException {
    Answer answer = api.post("/containers/" + id + "/start", SLOW);
    boolean isGone = EngineApi.message(answer).contains("No such container");
    if (!answer.ok() && !isGone) {
      throw new EngineException(Cause.REFUSED, EngineApi.message(answer));
    }
    EngineApi.checked(answer, Cause.NO_SUCH_CONTAINER);
  }

  @Override
  public void update(String id, ContainerSpec.Limits limits) throws EngineException {
    Obj body = DockerCreateRequest.update(limits);
    EngineApi.checked(
        api.post("/containers/" + id + "/update", body, QUICK), Cause.NO_SUCH_CONTAINER);
  }

  @Override
  public long writtenBytes(String id) throws EngineException {
    Answer answer = api.get("/containers/" + id + "/json?size=true");
    return answer.status() == 404
        ? 0
        : EngineApi.checked(answer, Cause.NO_SUCH_CONTAINER).json().number("SizeRw", 0);
  }

  @Override
  public void terminate(String id) throws EngineException {
    Answer answer = api.get("/containers/" + id + "/json");
    if (answer.status() != 404) {
      Obj config = EngineApi.checked(answer, Cause.NO_SUCH_CONTAINER).json().obj("Config");
      signal(id, config.string("StopSignal", "SIGTERM"));
    }
  }

  @Override
  public void kill(String id) throws EngineException {
    signal(id, "SIGKILL");
  }

  private void signal(String id, String signal) throws EngineException {
    Answer answer = api.post("/containers/" + id + "/kill?signal=" + encode(signal), QUICK);
    // 409: it has ended meanwhile.
    if (answer.status() != 404 && answer.status() != 409) {
      EngineApi.checked(answer, Cause.NO_SUCH_CONTAINER);
    }
  }

  @Override
  public void remove(String id) throws EngineException {
    Answer answer = api.delete("/containers/" + id + "?force=true&v=true", SLOW);
    // 409: somebody else removes it at the same moment.
    if (answer.status() != 404 && answer.status() != 409) {
      EngineApi.checked(answer, Cause.NO_SUCH_CONTAINER);
    }
  }

  @Override
  public Optional<ContainerObservation> inspect(String id) throws EngineException {
    Answer answer = api.get("/containers/" + id + "/json");
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(
            ContainerLabels.fromInspect(EngineApi.checked(answer, Cause.NO_SUCH_CONTAINER).json()));
  }

  /** Docker's list has neither process nor exit code, so each is looked at. */
  @Override
  public List<ContainerObservation> list() throws EngineException {
    return observed(ContainerLabels.POD_UID);
  }

  @Override
  public List<ContainerObservation> list(PodUid pod) throws EngineException {
    return observed(ContainerLabels.POD_UID + "=" + pod.text());
  }

  private List<ContainerObservation> observed(String label) throws EngineException {
    List<ContainerObservation> containers = new ArrayList<>();
    for (Obj each : listed(label)) {
      inspect(each.string("Id")).ifPresent(containers::add);
    }
    return containers;
  }

  /** What is ours and has this label. */
  List<Obj> listed(String label) throws EngineException {
    Obj filter = Obj.of("label", List.of(label, ContainerLabels.OWNER + "=" + owner));
    Answer answer = api.get("/containers/json?all=true&filters=" + encode(Json.text(filter)));
    return EngineApi.objects(EngineApi.checked(answer, Cause.REFUSED));
  }

  @Override
  public ExecResult exec(String id, List<String> command, Duration timeout) throws EngineException {
    return EngineExec.run(api, id, command, timeout);
  }

  @Override
  public Optional<Image> image(String name) throws EngineException {
    return images.find(name);
  }

  @Override
  public List<Path> layers(String imageId) throws EngineException {
    return images.layers(imageId);
  }

  @Override
  public List<Image> images() throws EngineException {
    return images.list();
  }

  @Override
  public void removeImage(String id) throws EngineException {
    images.remove(id);
  }

  @Override
  public Image pull(String name, Credentials credentials) throws EngineException {
    return images.pull(name, credentials);
  }

  @Override
  public List<String> load(Path archive) throws EngineException {
    Answer answer = api.postArchive("/images/load?quiet=true", archive, LOAD);
    return LoadedImages.of(EngineApi.checked(answer, Cause.REFUSED).text());
  }

  @Override
  public AutoCloseable watchExits(ExitListener listener) throws EngineException {
    try {
      return DockerEvents.follow(api.http(), PREFIX, listener);
    } catch (IOException e) {
      throw EngineApi.unreachable(e);
    }
  }

  @Override
  public void close() {
    images.close();
  }
}
