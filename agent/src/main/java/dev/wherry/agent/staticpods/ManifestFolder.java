package dev.wherry.agent.staticpods;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the desired state's own pods as the files of a folder say: a new file is a pod, a changed
 * one ends its pod and makes another, a removed one ends it with its grace. Looks when the kernel
 * tells of a change, and every {@link #RESCAN}. A file that cannot be read as a pod is said once
 * and, if it was one before, leaves that pod as it is. At most {@value #MAX_FILES} files. One
 * thread; {@link #gone} may be called by any.
 */
public final class ManifestFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ManifestFolder.class);
  static final Duration RESCAN = Duration.ofSeconds(20);
  static final int MAX_FILES = 250;

  /** A file is often written in more than one step. */
  private static final Duration SETTLE = Duration.ofMillis(200);

  private final Path folder;
  private final NodeName node;
  private final DesiredState desired;
  private final InstantSource clock;
  private final Map<Path, String> complaints = new HashMap<>();
  private final Map<Path, Obj> good = new HashMap<>();
  private @Nullable Thread thread;
  private @Nullable WatchService watch;

  /**
   * @param folder need not exist
   */
  public ManifestFolder(Path folder, NodeName node, DesiredState desired, InstantSource clock) {
    this.folder = folder;
    this.node = node;
    this.desired = desired;
    this.clock = clock;
  }

  /** Takes in what is there and follows it from then on. */
  public void start() throws IOException {
    scan();
    thread = Thread.ofVirtual().name("manifests").start(this::follow);
  }

  private void follow() {
    try {
      while (true) {
        awaitChange();
        scan();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ClosedWatchServiceException _) {
      LOG.debug("the folder of manifests is not followed any more");
    }
  }

  private void awaitChange() throws InterruptedException {
    try {
      WatchService watching = watch;
      if (watching == null && Files.isDirectory(folder)) {
        watching = folder.getFileSystem().newWatchService();
        folder.register(
            watching,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
        watch = watching;
        return; // what came before it is looked for now
      }
      if (watching == null) {
        Thread.sleep(RESCAN);
        return;
      }
      WatchKey key = watching.poll(RESCAN.toMillis(), TimeUnit.MILLISECONDS);
      if (key != null) {
        Thread.sleep(SETTLE);
        key.pollEvents();
        if (!key.reset()) {
          watching.close(); // the folder itself is gone; it may come back
          watch = null;
        }
      }
    } catch (IOException e) {
      LOG.warn("{} is looked at every {} s alone: {}", folder, RESCAN.toSeconds(), e.toString());
      Thread.sleep(RESCAN);
    }
  }

  /** Compares the files with the pods that are there. */
  synchronized void scan() {
    Map<ObjectKey, Obj> wanted;
    try {
      wanted = read();
    } catch (IOException e) {
      LOG.warn("{} cannot be read, its pods stay as they are: {}", folder, e.toString());
      return;
    }
    for (Obj own : desired.ownPods()) {
      Obj file = wanted.get(ObjectKey.of(own));
      boolean same = file != null && Meta.of(file).uid().equals(Meta.of(own).uid());
      if (!same && !Meta.of(own).isTerminating()) {
        LOG.info(
            "the manifest of pod {} has {}", ObjectKey.of(own), file == null ? "gone" : "changed");
        desired.ownPod(ending(own));
      }
    }
    wanted.forEach(
        (key, pod) -> {
          if (desired.ownPods().stream().noneMatch(own -> ObjectKey.of(own).equals(key))) {
            desired.ownPod(pod);
          }
        });
  }

  private Obj ending(Obj pod) {
    long grace = pod.obj("spec").number("terminationGracePeriodSeconds", 30);
    return pod.change(
        "metadata",
        metadata ->
            metadata
                .with("deletionTimestamp", Meta.Times.format(clock.instant().plusSeconds(grace)))
                .with("deletionGracePeriodSeconds", grace));
  }

  /**
   * Nothing is left of a pod: what its file says now may come in its place.
   *
   * @return whether it was one of the folder's
   */
  public synchronized boolean gone(ObjectKey key, PodUid uid) {
    for (Obj own : desired.ownPods()) {
      if (ObjectKey.of(own).equals(key) && Meta.of(own).uid().equals(uid.text())) {
        desired.removeOwnPod(key);
        scan();
        return true;
      }
    }
    return false;
  }

  private Map<ObjectKey, Obj> read() throws IOException {
    Map<ObjectKey, Obj> pods = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return pods;
    }
    Map<Path, Obj> read = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ManifestFolder::mayBe)) {
      for (Path file : files) {
        if (read.size() == MAX_FILES) {
          LOG.error("{} has more than {} files: the rest is not looked at", folder, MAX_FILES);
          break;
        }
        Obj pod = readOne(file);
        if (pod != null) {
          read.put(file, pod);
        }
      }
    }
    good.keySet().retainAll(read.keySet());
    good.putAll(read);
    read.forEach(
        (file, pod) -> {
          if (pods.putIfAbsent(ObjectKey.of(pod), pod) != null) {
            complain(file, "another file has a pod of this name, " + ObjectKey.of(pod));
          }
        });
    return pods;
  }

  private static boolean mayBe(Path file) {
    return Files.isRegularFile(file) && !String.valueOf(file.getFileName()).startsWith(".");
  }

  private @Nullable Obj readOne(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(Manifest.MAX_BYTES + 1);
      if (content.length > Manifest.MAX_BYTES) {
        throw new MalformedTreeException("larger than " + Manifest.MAX_BYTES + " bytes");
      }
      Obj pod = Manifest.read(file.toAbsolutePath().normalize(), content, node);
      complaints.remove(file);
      return pod;
    } catch (IOException | MalformedTreeException e) {
      complain(file, String.valueOf(e.getMessage()));
      return good.get(file);
    }
  }

  private void complain(Path file, String words) {
    if (!words.equals(complaints.put(file, words))) {
      LOG.error("could not process manifest file {}: {}", file, words);
    }
  }

  @Override
  public void close() throws IOException {
    Thread following = thread;
    if (following != null) {
      following.interrupt();
    }
    WatchService watching = watch;
    if (watching != null) {
      watching.close();
    }
  }
}
