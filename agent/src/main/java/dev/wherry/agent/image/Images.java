package dev.wherry.agent.image;

import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images of this node: present as a container's pull policy wants them, and preloaded from tar
 * archives. Thread-safe.
 */
public final class Images {
  private static final Logger log = LoggerFactory.getLogger(Images.class);

  /** Pulls at a time; a small machine's card and memory bear no more. */
  private static final int MAX_PULLS = 2;

  private final ContainerRuntime runtime;
  private final Semaphore pulls = new Semaphore(MAX_PULLS, true);

  public Images(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /** Told what goes on, for the pod's events. */
  public interface Progress {
    void pulling(String image);

    void pulled(String image, Duration took, long sizeBytes);

    void present(String image);

    void failed(String image, String message);
  }

  /** An image could not be had; {@code reason} as a waiting container's status has it. */
  public static final class ImageException extends IOException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    ImageException(String reason, String message) {
      super(message);
      this.reason = reason;
    }

    public String reason() {
      return reason;
    }
  }

  /**
   * The image as the policy wants it.
   *
   * @param policy {@code Always}, {@code IfNotPresent} or {@code Never}
   * @throws ImageException when it cannot be had
   * @throws EngineException when the engine cannot be asked
   */
  public Image ensure(String image, String policy, Credentials credentials, Progress progress)
      throws ImageException, EngineException, InterruptedException {
    ImageName name =
        ImageName.parse(image)
            .orElseThrow(
                () ->
                    failed(
                        progress,
                        image,
                        "InvalidImageName",
                        "couldn't parse image name \"" + image + "\": invalid reference format"));
    if (!policy.equals("Always")) {
      Optional<Image> present = runtime.image(name.toString());
      if (present.isPresent()) {
        progress.present(image);
        return present.get();
      }
      if (policy.equals("Never")) {
        throw failed(
            progress,
            image,
            "ErrImageNeverPull",
            "Container image \"" + image + "\" is not present with pull policy of Never");
      }
    }
    return pull(image, name, credentials, progress);
  }

  private Image pull(String image, ImageName name, Credentials credentials, Progress progress)
      throws ImageException, EngineException, InterruptedException {
    progress.pulling(image);
    long begin = System.nanoTime();
    pulls.acquire();
    try {
      Image pulled = runtime.pull(name.toString(), credentials);
      progress.pulled(image, Duration.ofNanos(System.nanoTime() - begin), pulled.sizeBytes());
      return pulled;
    } catch (EngineException e) {
      if (e.reason() == EngineException.Cause.UNREACHABLE) {
        throw e;
      }
      throw failed(progress, image, "ErrImagePull", String.valueOf(e.getMessage()));
    } finally {
      pulls.release();
    }
  }

  private static ImageException failed(
      Progress progress, String image, String reason, String message) {
    progress.failed(image, message);
    return new ImageException(reason, message);
  }

  /**
   * Loads the archives of a directory whose images are not here already. A marker beside each says
   * what it held, so that a start reads no archive twice.
   */
  public void preload(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    Map<String, Boolean> here = new ConcurrentHashMap<>();
    for (Image each : runtime.images()) {
      each.names().forEach(name -> here.put(name, true));
    }
    List<Path> archives;
    try (Stream<Path> entries = Files.list(directory)) {
      archives = entries.filter(each -> each.toString().endsWith(".tar")).sorted().toList();
    }
    for (Path archive : archives) {
      preload(archive, here);
    }
  }

  private void preload(Path archive, Map<String, Boolean> here) throws IOException {
    Path marker = archive.resolveSibling(archive.getFileName() + ".loaded");
    String stamp = Files.size(archive) + " " + Files.getLastModifiedTime(archive).toMillis();
    if (Files.exists(marker)) {
      List<String> lines = Files.readAllLines(marker);
      boolean same = !lines.isEmpty() && lines.getFirst().equals(stamp);
      if (same && lines.stream().skip(1).allMatch(here::containsKey)) {
        return;
      }
    }
    try {
      List<String> names = runtime.load(archive);
      String text = stamp + "\n" + String.join("\n", names) + "\n";
      Files.write(marker, text.getBytes(StandardCharsets.UTF_8));
      log.info("loaded {} from {}", names, archive);
    } catch (EngineException e) {
      if (e.reason() == EngineException.Cause.UNREACHABLE) {
        throw e;
      }
      log.warn("cannot load {}: {}", archive, e.getMessage());
    }
  }
}
