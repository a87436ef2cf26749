package dev.wherry.agent.checkpoint;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The desired state on disk, so that a node starts its pods with no master in reach: one file of
 * Smile, replaced whole and synced, secrets sealed with the node's key, and each pod with its last
 * status, so that what has ended does not run again. Written {@link #SOON} after a change of what
 * pods should be or the end of one, and {@link #LATER} after another change of a status, which
 * spares the card. Thread-safe; one virtual thread writes.
 */
public final class DesiredCheckpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DesiredCheckpoint.class);
  static final Duration SOON = Duration.ofSeconds(1);
  static final Duration LATER = Duration.ofMinutes(1);

  /** After which a write is tried again that failed, as on a full disk. */
  static final Duration AGAIN = Duration.ofSeconds(10);

  private static final String OWN_PODS = "ownPods";

  private final DesiredState desired;
  private final CheckpointFile file;
  private final SecretBox box;
  private final Duration again;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long dueNanos;
  private boolean dirty;
  private boolean closed;
  private final Thread writer;

  /** Confined to whoever writes. */
  private boolean failed;

  private DesiredCheckpoint(
      DesiredState desired, CheckpointFile file, SecretBox box, Duration again) {
    this.desired = desired;
    this.file = file;
    this.box = box;
    this.again = again;
    this.writer = Thread.ofVirtual().name("checkpoint").unstarted(this::writeForever);
  }

  /**
   * Loads what there is into the desired state and keeps it on disk from then on. A damaged file is
   * put aside and said: the master sends everything again.
   *
   * @param directory for the file and the key
   */
  public static DesiredCheckpoint open(DesiredState desired, Path directory) throws IOException {
    return open(desired, directory, AGAIN);
  }

  /**
   * @param again after which a write is tried again that failed
   */
  static DesiredCheckpoint open(DesiredState desired, Path directory, Duration again)
      throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("desired.smile");
    SecretBox box = SecretBox.open(directory.resolve("node.key"));
    DesiredCheckpoint checkpoint =
        new DesiredCheckpoint(desired, new CheckpointFile(file), box, again);
    try {
      checkpoint.load();
    } catch (IOException | MalformedTreeException e) {
      Path aside = file.resolveSibling("desired.damaged");
      LOG.error("{} is damaged, putting it aside as {}: {}", file, aside, e.getMessage());
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    }
    desired.listen(checkpoint::onChange);
    checkpoint.writer.start();
    return checkpoint;
  }

  private void load() throws IOException {
    Obj tree = file.read();
    Obj networks = tree.obj("networks");
    if (!networks.isEmpty()) {
      desired.networks(
          new Networks(
              networks.string("podCidr"),
              networks.string("clusterCidr"),
              networks.string("serviceCidr")));
    }
    // Pods last: whoever follows them finds what they mount.
    for (Resource resource : Resource.values()) {
      if (resource != Resource.PODS) {
        objects(tree, resource).forEach(each -> desired.upsert(resource, each));
      }
    }
    objects(tree, Resource.PODS).forEach(each -> desired.upsert(Resource.PODS, each));
    tree.objs(OWN_PODS).forEach(desired::ownPod);
  }

  /** The node's own word on a pod of it, which the master does not send back. */
  public void podStatus(PodUid uid, Obj status) {
    Obj before = statuses.put(uid.text(), status);
    boolean ended = Set.of("Succeeded", "Failed").contains(status.string("phase"));
    boolean news = before == null || !before.string("phase").equals(status.string("phase"));
    due(ended && news ? SOON : LATER);
  }

  private List<Obj> objects(Obj tree, Resource resource) throws IOException {
    if (resource != Resource.SECRETS) {
      return tree.objs(resource.plural());
    }
    String sealed = tree.string(resource.plural());
    return sealed.isEmpty()
        ? List.of()
        : Smile.read(box.open(Base64.getDecoder().decode(sealed))).objs("items");
  }

  private void onChange(Change change) {
    Duration delay =
        change instanceof Change.Upserted(Resource resource, Obj object)
                && resource == Resource.PODS
                && wasSame(object)
            ? LATER
            : SOON;
    due(delay);
  }

  private void due(Duration delay) {
    lock.lock();
    try {
      long due = System.nanoTime() + delay.toNanos();
      if (!dirty || due - dueNanos < 0) {
        dueNanos = due;
      }
      dirty = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private final Map<String, Long> generations = new ConcurrentHashMap<>();
  private final Map<String, Obj> statuses = new ConcurrentHashMap<>();

  /** Whether only the pod's status can have changed since it was seen last. */
  private boolean wasSame(Obj pod) {
    Obj meta = pod.obj("metadata");
    long spec =
        31L * pod.obj("spec").hashCode()
            + meta.without("resourceVersion").without("managedFields").hashCode();
    Long before = generations.put(meta.string("uid"), spec);
    return before != null && before == spec;
  }

  private void writeForever() {
    try {
      while (awaitDue()) {
        write();
        if (failed) {
          due(again);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean awaitDue() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        long wait = dueNanos - System.nanoTime();
        if (dirty && wait <= 0) {
          dirty = false;
          return true;
        }
        if (dirty) {
          changed.await(wait, TimeUnit.NANOSECONDS);
        } else {
          changed.await();
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void write() {
    List<String> uids = uids();
    generations.keySet().retainAll(uids);
    statuses.keySet().retainAll(uids);
    try {
      file.write(tree());
      failed = false;
    } catch (IOException e) {
      if (!failed) {
        LOG.error("cannot write {}, trying until it can be: {}", file.path(), e.toString());
      }
      failed = true;
    }
  }

  private List<String> uids() {
    List<String> uids = new ArrayList<>();
    desired.all(Resource.PODS).forEach(pod -> uids.add(pod.obj("metadata").string("uid")));
    return uids;
  }

  private Obj tree() throws IOException {
    Networks networks = desired.networks();
    Obj.Builder tree =
        Obj.builder()
            .put("version", 1)
            .put(
                "networks",
                Obj.of(
                    "podCidr",
                    networks.podCidr(),
                    "clusterCidr",
                    networks.clusterCidr(),
                    "serviceCidr",
                    networks.serviceCidr()));
    for (Resource resource : Resource.values()) {
      List<Obj> items = List.copyOf(desired.all(resource));
      if (resource == Resource.SECRETS) {
        byte[] sealed = box.seal(Smile.write(Obj.of("items", items)));
        tree.put(resource.plural(), Base64.getEncoder().encodeToString(sealed));
      } else if (resource == Resource.PODS) {
        tree.put(resource.plural(), pods(items, Whose.THE_MASTERS));
        tree.put(OWN_PODS, pods(items, Whose.OUR_OWN));
      } else {
        tree.put(resource.plural(), items);
      }
    }
    return tree.build();
  }

  private enum Whose {
    THE_MASTERS,
    OUR_OWN
  }

  private List<Obj> pods(List<Obj> all, Whose whose) {
    List<Obj> pods = new ArrayList<>();
    for (Obj pod : all) {
      if (desired.isOwn(ObjectKey.of(pod)) == (whose == Whose.OUR_OWN)) {
        Obj status = statuses.get(pod.obj("metadata").string("uid"));
        pods.add(status == null ? pod : pod.with("status", status));
      }
    }
    return pods;
  }

  /** Writes what has not been written yet and stops. */
  @Override
  public void close() throws InterruptedException {
    boolean unwritten;
    lock.lock();
    try {
      closed = true;
      unwritten = dirty;
      changed.signal();
    } finally {
      lock.unlock();
    }
    writer.join();
    if (unwritten) {
      write();
    }
  }
}
