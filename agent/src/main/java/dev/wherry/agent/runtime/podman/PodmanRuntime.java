package dev.wherry.agent.runtime.podman;

import static dev.wherry.agent.runtime.engine.EngineApi.checked;
import static dev.wherry.agent.runtime.engine.EngineApi.message;
import static dev.wherry.agent.runtime.engine.EngineApi.objects;
import static dev.wherry.agent.runtime.socket.UnixHttp.encode;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
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
 * Containers on Podman by its REST API. Whatever runs often (create, start, inspect, list, exec)
 * goes over {@link UnixHttp}. Thread-safe.
 */
public final class PodmanRuntime implements ContainerRuntime, AutoCloseable {
  static final String LIBPOD = "/v4.0.0/libpod";
  private static final Duration PING = Duration.ofSeconds(30);

  /** Where many want its locks, Podman takes half a minute for what else takes milliseconds. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration LOAD = Duration.ofMinutes(10);

  /** How often Podman is asked for what changes while it looks. */
  private static final int MAX_LOOKS = 5;

  private final EngineApi api;
  private final EngineImages images;
  private final Path exits;
  private final LostConmon lostConmon;
  private final ContainerProcesses processes = new ContainerProcesses();
  private final StoredImages stored;
  private final int lowestOomScoreAdj;
  private final Commands commands;

  /** How commands without input are run in containers. */
  private interface Commands {
    ExecResult run(String id, List<String> command, Duration timeout) throws EngineException;
  }

  /**
   * Of a service that is not ours.
   *
   * @param socket of Podman's service
   * @param exits the directory where conmon leaves the exit codes
   * @param lowestOomScoreAdj that the kernel lets us give; lower ones are raised to it
   * @param pullPatience how long a pull may stand still before it is given up
   */
  public PodmanRuntime(Path socket, Path exits, int lowestOomScoreAdj, Duration pullPatience) {
    this.api = new EngineApi(new UnixHttp(socket), LIBPOD);
    this.images = new EngineImages(api, pullPatience);
    this.stored = StoredImages.elsewhere();
    this.exits = exits;
    this.lostConmon = new LostConmon(exits, this::inspect);
    this.lowestOomScoreAdj = lowestOomScoreAdj;
    this.commands = (id, command, timeout) -> EngineExec.run(api, id, command, timeout);
  }

  /** Of our own service, whose OCI runtime can be asked without it. */
  public PodmanRuntime(PodmanService service, int lowestOomScoreAdj, Duration pullPatience) {
    this.api = new EngineApi(new UnixHttp(service.socket()), LIBPOD);
    this.images = new EngineImages(api, pullPatience);
    this.stored = StoredImages.listedIn(service.imageIndex());
    this.exits = service.exits();
    this.lostConmon = new LostConmon(exits, this::inspect);
    this.lowestOomScoreAdj = lowestOomScoreAdj;
    this.commands = service.commands()::run;
  }

  /** For exec, attach and port-forward. */
  public EngineApi api() {
    return api;
  }

  @Override
  public String name() {
    return "podman";
  }

  @Override
  public boolean tellsUsers() {
    return true;
  }

  @Override
  public boolean mapsUsers() {
    return true;
  }

  @Override
  public boolean rotatesLogs() {
    return false;
  }

  @Override
  public void reopenLog(String id) throws EngineException {
    Answer answer = checked(look(id, ""), Cause.NO_SUCH_CONTAINER);
    try {
      ConmonControl.reopenLog(answer.json());
    } catch (IOException e) {
      throw new EngineException(
          Cause.REFUSED, "conmon of container " + id + " cannot be told: " + e.getMessage(), e);
    }
  }

  @Override
  public String version() throws EngineException {
    // Not from /version: for that one Podman asks the package manager who made conmon and runc,
    // which takes hundreds of milliseconds.
    Answer answer = checked(api.get("/_ping", PING), Cause.REFUSED);
    return "podman://" + answer.headers().getOrDefault("libpod-api-version", "unknown");
  }

  @Override
  public String create(ContainerSpec spec) throws EngineException {
    Obj body = CreateRequest.render(spec, lowestOomScoreAdj);
    Answer answer = api.post("/containers/create", body, PATIENCE);
    if (!answer.ok() && answer.message().contains("already in use")) {
      // Made by an agent that ended before it could start it: its making was not reported.
      remove(spec.identity().engineName());
      answer = api.post("/containers/create", body, PATIENCE);
    }
    if (!answer.ok()
        && (message(answer).contains("No such image")
            || message(answer).contains("no such image")
            || message(answer).contains("image not known"))) {
      stored.forget();
      throw new EngineException(Cause.NO_SUCH_IMAGE, message(answer));
    }
    return checked(answer, Cause.NO_SUCH_IMAGE).json().string("Id");
  }

  @Override
  public void start(String id) throws EngineException {
    checked(api.post("/containers/" + id + "/start", PATIENCE), Cause.NO_SUCH_CONTAINER);
  }

  @Override
  public void update(String id, ContainerSpec.Limits limits) throws EngineException {
    checked(
        api.post("/containers/" + id + "/update", CreateRequest.update(limits), PATIENCE),
        Cause.NO_SUCH_CONTAINER);
  }

  @Override
  public long writtenBytes(String id) throws EngineException {
    Answer answer = look(id, "?size=true");
    return PodmanAnswers.isGone(answer)
        ? 0
        : checked(answer, Cause.NO_SUCH_CONTAINER).json().number("SizeRw", 0);
  }

  @Override
  public void terminate(String id) throws EngineException {
    if (processes.terminate(id)) {
      return;
    }
    Answer answer = look(id, "");
    if (!PodmanAnswers.isGone(answer)) {
      Obj config = checked(answer, Cause.NO_SUCH_CONTAINER).json().obj("Config");
      signal(id, StopSignal.of(config).word());
    }
  }

  @Override
  public void kill(String id) throws EngineException {
    if (!processes.kill(id)) {
      signal(id, "SIGKILL");
    }
  }

  private void signal(String id, String signal) throws EngineException {
    Answer answer = api.post("/containers/" + id + "/kill?signal=" + encode(signal), PATIENCE);
    if (PodmanAnswers.hasEnded(answer)) {
      inspect(id).ifPresent(lostConmon::look); // nobody may have told Podman
    } else if (!PodmanAnswers.isGone(answer)) {
      checked(answer, Cause.NO_SUCH_CONTAINER);
    }
  }

  @Override
  public void remove(String id) throws EngineException {
    String path = "/containers/" + id + "?force=true&v=true&timeout=0";
    Answer answer = api.delete(path, PATIENCE);
    for (int tries = 1; PodmanAnswers.isLate(answer) && tries < MAX_LOOKS; tries++) {
      answer = api.delete(path, PATIENCE);
    }
    if (!PodmanAnswers.isGone(answer)) {
      checked(answer, Cause.NO_SUCH_CONTAINER);
    }
    processes.forget(id);
  }

  /** Podman's word on a container, once it is not about a process that ends just now. */
  private Answer look(String id, String query) throws EngineException {
    String path = "/containers/" + id + "/json" + query;
    Answer answer = api.get(path);
    for (int looks = 1; PodmanAnswers.isEnding(answer) && looks < MAX_LOOKS; looks++) {
      answer = api.get(path);
    }
    return answer;
  }

  @Override
  public Optional<ContainerObservation> inspect(String id) throws EngineException {
    Answer answer = look(id, "");
    if (PodmanAnswers.isGone(answer)) {
      return Optional.empty();
    }
    Obj json = checked(answer, Cause.NO_SUCH_CONTAINER).json();
    processes.follow(json);
    processes.endRest(json);
    ContainerObservation seen = ContainerLabels.fromInspect(json);
    return Optional.of(OciConfig.user(json).map(seen::withUser).orElse(seen));
  }

  @Override
  public List<ContainerObservation> list() throws EngineException {
    return list(ContainerLabels.POD_UID);
  }

  @Override
  public List<ContainerObservation> list(PodUid pod) throws EngineException {
    return list(ContainerLabels.POD_UID + "=" + pod.text());
  }

  private List<ContainerObservation> list(String label) throws EngineException {
    String filters = encode(Json.text(Obj.of("label", List.of(label))));
    Answer answer = api.get("/containers/json?all=true&filters=" + filters);
    for (int tries = 1; PodmanAnswers.isGone(answer) && tries < MAX_LOOKS; tries++) {
      // One of them went meanwhile, and with it the whole answer.
      answer = api.get("/containers/json?all=true&filters=" + filters);
    }
    checked(answer, Cause.REFUSED);
    List<ContainerObservation> containers = new ArrayList<>();
    for (Obj each : objects(answer)) {
      containers.add(ContainerLabels.fromList(each));
    }
    containers.forEach(lostConmon::look);
    return containers;
  }

  @Override
  public ExecResult exec(String id, List<String> command, Duration timeout) throws EngineException {
    return commands.run(id, command, timeout);
  }

  @Override
  public Optional<Image> image(String name) throws EngineException {
    return stored.find(name, images::find);
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
  public Image pull(String name, Credentials credentials) throws EngineException {
    return images.pull(name, credentials);
  }

  @Override
  public void removeImage(String id) throws EngineException {
    images.remove(id);
  }

  @Override
  public List<String> load(Path archive) throws EngineException {
    return checked(api.postArchive("/images/load", archive, LOAD), Cause.REFUSED)
        .json()
        .strings("Names");
  }

  @Override
  public AutoCloseable watchExits(ExitListener listener) throws EngineException {
    try {
      return ConmonExits.watch(exits, listener);
    } catch (IOException e) {
      throw new EngineException(
          Cause.UNREACHABLE, "cannot watch " + exits + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    images.close();
  }
}
