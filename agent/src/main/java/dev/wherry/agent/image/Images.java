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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images of this node: present as a container's pull policy wants them, and preloaded from tar
 * archives. Thread-safe.
 */
public final class Images {
  private static final Logger LOG = LoggerFactory.getLogger(Images.class);

  /** What a directory with images has: an OCI layout, or an unpacked docker-archive. */
  private static final List<String> INDEXES = List.of("index.json", "manifest.json");

  /** Of a docker-archive or an OCI layout; the engine looks which. */
  private static final List<String> ARCHIVES =
      List.of(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.zstd", ".oci");

  private final ContainerRuntime runtime;
  private final SharedPulls pulls;
  private final KnownImages known;
  private final Set<String> pinned = ConcurrentHashMap.newKeySet();

  /**
   * @param parallelPulls at a time
   */
  public Images(ContainerRuntime runtime, int parallelPulls) {
    this.runtime = runtime;
    this.pulls = new SharedPulls(runtime, parallelPulls);
    this.known = new KnownImages(runtime, System::nanoTime);
  }

  /**
   * All images of the node, as they were last known: one that somebody else pulled or removed may
   * take {@code KnownImages.PERIOD} to show.
   */
  public List<Image> list() throws EngineException {
    return known.list();
  }

  /** An image was removed. */
  void removed() {
    known.change();
  }

  /** Names of images that archives of the node brought: they stay, no registry may have them. */
  Set<String> pinned() {
    return pinned;
  }

  /** Told what goes on, for the pod's events. */
  public interface Progress {
    void pulling(String image);

    /**
     * @param withWaiting from when it was asked for, others' pulls before it included
     */
    void pulled(String image, Duration took, Duration withWaiting, long sizeBytes);

    void present(String image);

    void failed(String image, String message);

    /** It is not here and must not be pulled. */
    void neverPulled(String message);

    /** Its name is none, or it is here and cannot run here. */
    void inspectFailed(String message);

    /** Whether somebody waits for it still. */
    boolean isWanted();
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
   * @param credentials to be tried one after another; none: anonymously
   * @throws ImageException when it cannot be had
   * @throws EngineException when the engine cannot be asked
   */
  public Image ensure(String image, String policy, List<Credentials> credentials, Progress progress)
      throws ImageException, EngineException, InterruptedException {
    Image found = fetch(image, policy, credentials, progress);
    if (!Architecture.runs(found.architecture())) {
      throw unfit(
          progress,
          "ImageInspectError",
          "Failed to inspect image \"%s\": image \"%s\" is for linux/%s, this node is linux/%s"
              .formatted(image, image, found.architecture(), Architecture.ofThisMachine()));
    }
    return found;
  }

  /** As {@link #ensure}, for an image whose programs nobody runs. */
  public Image fetch(String image, String policy, List<Credentials> credentials, Progress progress)
      throws ImageException, EngineException, InterruptedException {
    ImageName name =
        ImageName.parse(image)
            .orElseThrow(
                () ->
                    unfit(
                        progress,
                        "InvalidImageName",
                        "Failed to apply default image tag \"%s\": couldn't parse image name"
                                .formatted(image)
                            + " \"%s\": invalid reference format".formatted(image)));
    if (!policy.equals("Always")) {
      Optional<Image> present = runtime.image(name.toString());
      if (present.isPresent()) {
        progress.present(image);
        return present.get();
      }
      if (policy.equals("Never")) {
        String message =
            "Container image \"" + image + "\" is not present with pull policy of Never";
        progress.neverPulled(message);
        throw new ImageException("ErrImageNeverPull", message);
      }
    }
    return pull(image, name, credentials, progress);
  }

  private Image pull(String image, ImageName name, List<Credentials> credentials, Progress progress)
      throws ImageException, EngineException, InterruptedException {
    progress.pulling(image);
    long begin = System.nanoTime();
    String refusal = "";
    for (Credentials each : credentials.isEmpty() ? List.of(Credentials.NONE) : credentials) {
      try {
        Optional<SharedPulls.Pulled> got = pulls.pull(name.toString(), each, progress::isWanted);
        if (got.isEmpty()) {
          throw new ImageException("ErrImagePull", "pull of \"" + image + "\" not waited for");
        }
        known.change();
        SharedPulls.Pulled pulled = got.get();
        Duration waited = Duration.ofNanos(System.nanoTime() - begin);
        progress.pulled(image, pulled.took(), waited, pulled.image().sizeBytes());
        return pulled.image();
      } catch (EngineException e) {
        if (e.reason() == EngineException.Cause.UNREACHABLE) {
          throw e;
        }
        refusal = String.valueOf(e.getMessage());
      }
    }
    progress.failed(image, refusal);
    throw new ImageException("ErrImagePull", refusal);
  }

  private static ImageException unfit(Progress progress, String reason, String message) {
    progress.inspectFailed(message);
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
      archives = entries.filter(Images::isArchive).sorted().toList();
    }
    for (Path archive : archives) {
      preload(archive, here);
    }
  }

  private static boolean isArchive(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".")
        && (Files.isDirectory(file)
            ? INDEXES.stream().anyMatch(each -> Files.exists(file.resolve(each)))
            : ARCHIVES.stream().anyMatch(name::endsWith));
  }

  /** The file that shows whether an archive is another one than before. */
  private static Path indexOf(Path archive) {
    return INDEXES.stream().map(archive::resolve).filter(Files::exists).findFirst().orElse(archive);
  }

  private void preload(Path archive, Map<String, Boolean> here) throws IOException {
    Path marker = archive.resolveSibling(archive.getFileName() + ".loaded");
    Path changing = indexOf(archive);
    String stamp = Files.size(changing) + " " + Files.getLastModifiedTime(changing).toMillis();
    if (Files.exists(marker)) {
      List<String> lines = Files.readAllLines(marker);
      boolean same = !lines.isEmpty() && lines.getFirst().equals(stamp);
      if (same && lines.stream().skip(1).allMatch(here::containsKey)) {
        pinned.addAll(lines.subList(1, lines.size()));
        return;
      }
    }
    try {
      List<String> names = runtime.load(archive);
      known.change();
      pinned.addAll(names);
      String text = stamp + "\n" + String.join("\n", names) + "\n";
      Files.write(marker, text.getBytes(StandardCharsets.UTF_8));
      LOG.info("loaded {} from {}", names, archive);
    } catch (EngineException e) {
      if (e.reason() == EngineException.Cause.UNREACHABLE) {
        throw e;
      }
      LOG.warn("cannot load {}: {}", archive, e.getMessage());
    }
  }
}
