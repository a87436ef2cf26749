package dev.wherry.agent.runtime.engine;

import static dev.wherry.agent.runtime.engine.EngineApi.checked;
import static dev.wherry.agent.runtime.socket.UnixHttp.encode;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import dev.wherry.api.tree.Obj;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An engine's images, which Docker and Podman tell of in the same words. Pulls go over docker-java,
 * which is loaded with the first of them. Thread-safe.
 */
public final class EngineImages implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final EngineApi api;
  private final Duration pullPatience;
  private final Object pullsLock = new Object();
  private @Nullable EnginePulls pulls;

  /**
   * @param pullPatience how long a pull may stand still before it is given up
   */
  public EngineImages(EngineApi api, Duration pullPatience) {
    this.api = api;
    this.pullPatience = pullPatience;
  }

  /** The image of this name or id where it is present. */
  public Optional<Image> find(String name) throws EngineException {
    Answer answer = inspect(name);
    if (answer.status() == 404) {
      return Optional.empty();
    }
    Obj json = checked(answer, Cause.NO_SUCH_IMAGE).json();
    return Optional.of(image(json, json.at("Config").string("User"), json.string("Architecture")));
  }

  public List<Image> list() throws EngineException {
    List<Image> images = new ArrayList<>();
    for (Obj each : EngineApi.objects(checked(api.get("/images/json"), Cause.REFUSED))) {
      images.add(image(each, "", "")); // a list tells neither
    }
    return images;
  }

  private static Image image(Obj json, String user, String architecture) {
    String id = json.string("Id");
    return new Image(
        id.startsWith("sha256:") ? id : "sha256:" + id,
        json.strings("RepoTags"),
        json.strings("RepoDigests"),
        json.number("Size", 0),
        user,
        architecture);
  }

  /** The directories of its layers, the topmost first. */
  public List<Path> layers(String id) throws EngineException {
    return ImageLayers.of(checked(inspect(id), Cause.NO_SUCH_IMAGE).json());
  }

  private Answer inspect(String name) throws EngineException {
    return api.get("/images/" + encode(name) + "/json");
  }

  public Image pull(String name, Credentials credentials) throws EngineException {
    pulls().pull(name, credentials);
    return find(name)
        .orElseThrow(
            () ->
                new EngineException(
                    Cause.PULL_FAILED, "image " + name + " is not there after its pull"));
  }

  private EnginePulls pulls() {
    synchronized (pullsLock) {
      EnginePulls made = pulls;
      if (made == null) {
        made = new EnginePulls(api.http().socket(), pullPatience);
        pulls = made;
      }
      return made;
    }
  }

  /** Removes an image by each of its names, and not by force: what a container uses stays. */
  public void remove(String id) throws EngineException {
    Answer answer = inspect(id);
    if (answer.status() == 404) {
      return;
    }
    List<String> names = checked(answer, Cause.NO_SUCH_IMAGE).json().strings("RepoTags");
    for (String each : names.isEmpty() ? List.of(id) : names) {
      Answer removed = api.delete("/images/" + encode(each), PATIENCE);
      if (removed.status() != 404) {
        checked(removed, Cause.NO_SUCH_IMAGE);
      }
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
}
