package dev.wherry.agent.runtime.podman;

import static dev.wherry.agent.runtime.socket.UnixHttp.encode;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Containers on Podman by its REST API. Whatever runs often (create, start, inspect, list, exec)
 * goes over {@link UnixHttp}; pulls go over docker-java, which is loaded with the first of them.
 * Thread-safe.
 */
public final class PodmanRuntime implements ContainerRuntime, AutoCloseable {
  static final String LIBPOD = "/v4.0.0/libpod";
  private static final Duration QUICK = Duration.ofSeconds(30);
  private static final Duration SLOW = Duration.ofMinutes(2);
  private static final Duration LOAD = Duration.ofMinutes(10);
  private static final int MAX_LIST_TRIES = 5;
  private static final String OURS = encode("{\"label\":[\"" + Labels.POD_UID + "\"]}");

  private final UnixHttp http;
  private final Path exits;
  private final int lowestOomScoreAdj;
  private final Object pullsLock = new Object();
  private @Nullable DockerPulls pulls;

  /**
   * @param socket of Podman's service
   * @param exits the directory where conmon leaves the exit codes
   * @param lowestOomScoreAdj that the kernel lets us give; lower ones are raised to it
   */
  public PodmanRuntime(Path socket, Path exits, int lowestOomScoreAdj) {
    this.http = new UnixHttp(socket);
    this.exits = exits;
    this.lowestOomScoreAdj = lowestOomScoreAdj;
  }

  UnixHttp http() {
    return http;
  }

  @Override
  public String version() throws EngineException {
    Obj version = checked(get("/version"), Cause.REFUSED).json();
    return "podman://" + version.string("Version", "unknown");
  }

  @Override
  public String create(ContainerSpec spec) throws EngineException {
    Obj body = CreateRequest.render(spec, lowestOomScoreAdj);
    Answer answer = post("/containers/create", body);
    if (!answer.ok() && answer.message().contains("already in use")) {
      // Made by an agent that ended before it could start it: its making was not reported.
      remove(spec.identity().engineName());
      answer = post("/containers/create", body);
    }
    if (!answer.ok()
        && (message(answer).contains("No such image")
            || message(answer).contains("no such image")
            || message(answer).contains("image not known"))) {
      throw new EngineException(Cause.NO_SUCH_IMAGE, message(answer));
    }
    return checked(answer, Cause.NO_SUCH_IMAGE).json().string("Id");
  }

  @Override
  public void start(String id) throws EngineException {
    checked(send("POST", "/containers/" + id + "/start", SLOW), Cause.NO_SUCH_CONTAINER);
  }

  @Override
  public void terminate(String id) throws EngineException {
    Answer answer = get("/containers/" + id + "/json");
    if (!isGone(answer)) {
      Obj config = checked(answer, Cause.NO_SUCH_CONTAINER).json().obj("Config");
      // A number in Podman 4, a name in Podman 5.
      Object signal = config.get("StopSignal").orElse("SIGTERM");
      signal(id, signal.equals(0L) ? "SIGTERM" : signal.toString());
    }
  }

  @Override
  public void kill(String id) throws EngineException {
    signal(id, "SIGKILL");
  }

  private void signal(String id, String signal) throws EngineException {
    Answer answer = send("POST", "/containers/" + id + "/kill?signal=" + encode(signal), QUICK);
    // 409 and "can only kill running containers": it has ended meanwhile.
    if (!isGone(answer)
        && answer.status() != 409
        && !message(answer).contains("can only kill running")) {
      checked(answer, Cause.NO_SUCH_CONTAINER);
    }
  }

  @Override
  public void remove(String id) throws EngineException {
    Answer answer = send("DELETE", "/containers/" + id + "?force=true&v=true&timeout=0", SLOW);
    if (!isGone(answer)) {
      checked(answer, Cause.NO_SUCH_CONTAINER);
    }
  }

  /** One that goes while it is being looked at gives 500 instead of 404. */
  private static boolean isGone(Answer answer) {
    return answer.status() == 404
        || answer.status() == 500 && message(answer).contains("no such container");
  }

  @Override
  public Optional<ContainerObservation> inspect(String id) throws EngineException {
    Answer answer = get("/containers/" + id + "/json");
    if (isGone(answer)) {
      return Optional.empty();
    }
    Obj json = checked(answer, Cause.NO_SUCH_CONTAINER).json();
    ContainerObservation seen = Labels.fromInspect(json);
    return Optional.of(seen);
  }

  @Override
  public List<ContainerObservation> list() throws EngineException {
    Answer answer = get("/containers/json?all=true&filters=" + OURS);
    for (int tries = 1; isGone(answer) && tries < MAX_LIST_TRIES; tries++) {
      // One of them went meanwhile, and with it the whole answer.
      answer = get("/containers/json?all=true&filters=" + OURS);
    }
    checked(answer, Cause.REFUSED);
    List<ContainerObservation> containers = new ArrayList<>();
    for (Obj each : objects(answer)) {
      containers.add(Labels.fromList(each));
    }
    return containers;
  }

  @Override
  public ExecResult exec(String id, List<String> command, Duration timeout) throws EngineException {
    try (PodmanExec exec = PodmanExec.start(http, id, command, PodmanExec.Input.NONE, timeout)) {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      exec.copyBoth(bounded(output));
      int code = exec.await().orElse(-1);
      return new ExecResult(code, output.toString(StandardCharsets.UTF_8));
    } catch (EngineException e) {
      throw e;
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private static OutputStream bounded(ByteArrayOutputStream kept) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        kept.write(bytes, offset, Math.min(length, MAX_EXEC_OUTPUT_BYTES - kept.size()));
      }
    };
  }

  @Override
  public Optional<Image> image(String name) throws EngineException {
    Answer answer = get("/images/" + encode(name) + "/json");
    if (answer.status() == 404) {
      return Optional.empty();
    }
    Obj json = checked(answer, Cause.NO_SUCH_IMAGE).json();
    return Optional.of(
        new Image(
            withAlgorithm(json.string("Id")),
            json.strings("RepoTags"),
            json.strings("RepoDigests"),
            json.number("Size", 0),
            json.at("Config").string("User")));
  }

  @Override
  public List<Image> images() throws EngineException {
    List<Image> images = new ArrayList<>();
    for (Obj each : objects(checked(get("/images/json"), Cause.REFUSED))) {
      images.add(
          new Image(
              withAlgorithm(each.string("Id")),
              each.strings("RepoTags"),
              each.strings("RepoDigests"),
              each.number("Size", 0),
              ""));
    }
    return images;
  }

  @Override
  public Image pull(String name, Credentials credentials) throws EngineException {
    pulls().pull(name, credentials);
    return image(name)
        .orElseThrow(
            () ->
                new EngineException(
                    Cause.PULL_FAILED, "image " + name + " is not there after its pull"));
  }

  private DockerPulls pulls() {
    synchronized (pullsLock) {
      DockerPulls made = pulls;
      if (made == null) {
        made = new DockerPulls(http.socket());
        pulls = made;
      }
      return made;
    }
  }

  @Override
  public List<String> load(Path archive) throws EngineException {
    try {
      Answer answer = http.postFile(LIBPOD + "/images/load", archive, LOAD);
      return checked(answer, Cause.REFUSED).json().strings("Names");
    } catch (EngineException e) {
      throw e;
    } catch (IOException e) {
      throw unreachable(e);
    }
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
    synchronized (pullsLock) {
      if (pulls != null) {
        pulls.close();
      }
    }
  }

  private static String withAlgorithm(String id) {
    return id.startsWith("sha256:") ? id : "sha256:" + id;
  }

  private static List<Obj> objects(Answer answer) {
    List<Obj> objects = new ArrayList<>();
    if (answer.jsonValue() instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Obj object) {
          objects.add(object);
        }
      }
    }
    return objects;
  }

  private Answer get(String path) throws EngineException {
    return send("GET", path, QUICK);
  }

  private Answer send(String method, String path, Duration timeout) throws EngineException {
    try {
      return switch (method) {
        case "GET" -> http.get(LIBPOD + path, timeout);
        case "DELETE" -> http.delete(LIBPOD + path, timeout);
        default -> http.post(LIBPOD + path, timeout);
      };
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private Answer post(String path, Obj body) throws EngineException {
    try {
      return http.post(LIBPOD + path, body, SLOW);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private static Answer checked(Answer answer, Cause whenMissing) throws EngineException {
    if (answer.ok()) {
      return answer;
    }
    throw new EngineException(
        answer.status() == 404 ? whenMissing : Cause.REFUSED, message(answer));
  }

  static String message(Answer answer) {
    try {
      return answer.message();
    } catch (MalformedTreeException _) {
      return "HTTP " + answer.status() + ": " + answer.text();
    }
  }

  static EngineException unreachable(IOException e) {
    String words = e.getMessage() == null ? e.toString() : e.getMessage();
    return new EngineException(
        Cause.UNREACHABLE, "the container engine does not answer: " + words, e);
  }
}
