package dev.wherry.agent.runtime;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An engine whose containers are records. Knows no programs but a few. Thread-safe. */
public class FakeRuntime implements ContainerRuntime {
  private static final Set<String> PROGRAMS = Set.of("sh", "true", "false");

  private final Map<String, ContainerObservation> containers = new LinkedHashMap<>();
  private final Map<String, String> names = new LinkedHashMap<>();
  private final Map<String, String> programs = new LinkedHashMap<>();
  private final Set<String> images = ConcurrentHashMap.newKeySet();
  private final List<ExitListener> listeners = new CopyOnWriteArrayList<>();
  private volatile Registry registry =
      (name, _) -> {
        throw new EngineException(Cause.PULL_FAILED, "no registry has " + name);
      };
  private int made;

  public FakeRuntime(String... present) {
    images.addAll(List.of(present));
  }

  @Override
  public String name() {
    return "fake";
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
    return false;
  }

  @Override
  public void reopenLog(String id) throws EngineException {
    writeLog(id, "2");
  }

  /** One line where its program would write, an empty file elsewhere. */
  private void writeLog(String id, String word) throws EngineException {
    Path log = Path.of(inspect(id).orElseThrow().logPath());
    boolean writes = programs.getOrDefault(id, "").contains("echo");
    try {
      Files.writeString(log, writes ? Instant.now() + " stdout F " + word + "\n" : "");
    } catch (IOException e) {
      throw new EngineException(Cause.REFUSED, "cannot write " + log, e);
    }
  }

  @Override
  public String version() throws EngineException {
    return "fake://1";
  }

  @Override
  public synchronized String create(ContainerSpec spec) throws EngineException {
    if (!images.contains(spec.image())) {
      throw new EngineException(Cause.NO_SUCH_IMAGE, "no such image: " + spec.image());
    }
    String id = "c" + ++made;
    String before = names.put(spec.identity().engineName(), id);
    if (before != null) {
      containers.remove(before);
    }
    programs.put(id, String.join(" ", spec.process().command()));
    containers.put(
        id,
        new ContainerObservation(
            id,
            spec.identity().pod(),
            spec.identity().podUid(),
            spec.identity().container(),
            spec.identity().attempt(),
            Phase.CREATED,
            0,
            0,
            Instant.EPOCH,
            Instant.EPOCH,
            false,
            spec.identity().imageName(),
            "sha256:fake",
            spec.logPath().toString(),
            "",
            Optional.empty()));
    return id;
  }

  @Override
  public synchronized void start(String id) throws EngineException {
    String program = programs.getOrDefault(id, "");
    if (!PROGRAMS.contains(program.split(" ")[0])) {
      throw new EngineException(Cause.REFUSED, "no such file or directory");
    }
    if (program.contains("echo")) {
      writeLog(id, "1");
    }
    change(id, Phase.RUNNING, 0);
  }

  @Override
  public synchronized void update(String id, ContainerSpec.Limits limits) throws EngineException {
    if (!containers.containsKey(id)) {
      throw new EngineException(Cause.NO_SUCH_CONTAINER, "no such container " + id);
    }
  }

  @Override
  public long writtenBytes(String id) {
    return 0;
  }

  @Override
  public void terminate(String id) {
    end(id, 0);
  }

  @Override
  public void kill(String id) {
    end(id, 137);
  }

  /** As if the container's process had ended by itself. */
  public void end(String id, int exitCode) {
    synchronized (this) {
      ContainerObservation seen = containers.get(id);
      if (seen == null || !seen.isRunning()) {
        return;
      }
      change(id, Phase.EXITED, exitCode);
    }
    listeners.forEach(each -> each.onExit(id));
  }

  private void change(String id, Phase phase, int exitCode) {
    containers.computeIfPresent(
        id,
        (_, seen) ->
            new ContainerObservation(
                id,
                seen.pod(),
                seen.podUid(),
                seen.name(),
                seen.attempt(),
                phase,
                phase == Phase.RUNNING ? 1 : 0,
                exitCode,
                phase == Phase.RUNNING ? Instant.now() : seen.startedAt(),
                phase == Phase.EXITED ? Instant.now() : Instant.EPOCH,
                false,
                seen.image(),
                seen.imageId(),
                seen.logPath(),
                "",
                Optional.empty()));
  }

  @Override
  public synchronized void remove(String id) {
    containers.remove(id);
  }

  @Override
  public synchronized Optional<ContainerObservation> inspect(String id) {
    return Optional.ofNullable(containers.get(id));
  }

  @Override
  public synchronized List<ContainerObservation> list() {
    return List.copyOf(containers.values());
  }

  @Override
  public List<ContainerObservation> list(PodUid pod) {
    return list().stream().filter(each -> each.podUid().equals(pod)).toList();
  }

  @Override
  public synchronized ExecResult exec(String id, List<String> command, Duration timeout)
      throws EngineException {
    ContainerObservation seen = containers.get(id);
    if (seen == null || !seen.isRunning()) {
      throw new EngineException(Cause.NO_SUCH_CONTAINER, "no such container " + id);
    }
    return new ExecResult(command.getFirst().equals("true") ? 0 : 1, "");
  }

  @Override
  public Optional<Image> image(String name) {
    return images.contains(name) ? Optional.of(fake(name)) : Optional.empty();
  }

  private static Image fake(String name) {
    return new Image(name, List.of(name), List.of(), 1, "");
  }

  @Override
  public List<Path> layers(String imageId) {
    return List.of(Path.of("/layers", imageId));
  }

  @Override
  public List<Image> images() {
    return images.stream().map(FakeRuntime::fake).toList();
  }

  /** A registry of the test's. */
  public interface Registry {
    void pull(String name, Credentials credentials) throws EngineException;
  }

  /** Where pulls go from now on; at first no registry has anything. */
  public void useRegistry(Registry other) {
    registry = other;
  }

  @Override
  public Image pull(String name, Credentials credentials) throws EngineException {
    registry.pull(name, credentials);
    images.add(name);
    return fake(name);
  }

  @Override
  public synchronized void removeImage(String id) throws EngineException {
    if (containers.values().stream().anyMatch(each -> each.image().equals(id))) {
      throw new EngineException(Cause.REFUSED, "image " + id + " is in use");
    }
    images.remove(id);
  }

  @Override
  public List<String> load(Path archive) {
    return List.of();
  }

  @Override
  public AutoCloseable watchExits(ExitListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
