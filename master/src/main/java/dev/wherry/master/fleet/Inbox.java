package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.DeleteOptions;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what one node reports into the objects. Reports of one object are written in order, and a
 * later status takes the place of one that still waits; different objects are written at the same
 * time, so that one flush of the store's log serves many. Lives across sessions of its node, which
 * keeps that order when one session follows another.
 *
 * <p>At most {@value #MAX_WORKERS} virtual threads write and {@value #MAX_WAITING} reports wait;
 * past that the reporting session blocks, and gRPC's flow control holds the agent. Thread-safe.
 */
final class Inbox {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
  static final int MAX_WORKERS = 16;
  static final int MAX_WAITING = 1024;
  static final int MAX_ATTEMPTS = 6;

  private static final String MIRROR = "kubernetes.io/config.mirror";

  private sealed interface Report {
    record OfPod(ObjectKey pod, PodUid uid, Optional<Obj> status, boolean gone) implements Report {}

    record OfNode(Obj status) implements Report {}

    record OfEvent(Obj event) implements Report {}

    record OfMirror(Obj pod) implements Report {}
  }

  private final NodeName node;
  private final ObjectAccess access;
  private final ObjectAccess own;
  private final Consumer<StatusException> failed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition drained = lock.newCondition();
  private final Map<String, Report> waiting = new LinkedHashMap<>();
  private final Set<String> inWork = new HashSet<>();

  /**
   * @param own writes as the node, which gets no further than its rights
   * @param failed told when a report could not be written for a cause that is not the report's: the
   *     agent has to say it again later
   */
  Inbox(NodeName node, ObjectAccess access, ObjectAccess own, Consumer<StatusException> failed) {
    this.node = node;
    this.access = access;
    this.own = own;
    this.failed = failed;
  }

  void podStatus(ObjectKey pod, PodUid uid, Obj status) {
    put("pod/" + uid, new Report.OfPod(pod, uid, Optional.of(status), false));
  }

  void podGone(ObjectKey pod, PodUid uid) {
    put("pod/" + uid, new Report.OfPod(pod, uid, Optional.empty(), true));
  }

  void nodeStatus(Obj status) {
    put("node", new Report.OfNode(status));
  }

  void event(Obj event) {
    put("event/" + ObjectKey.of(event), new Report.OfEvent(event));
  }

  void mirrorPod(Obj pod) {
    put("mirror/" + ObjectKey.of(pod), new Report.OfMirror(pod));
  }

  private void put(String lane, Report report) {
    lock.lock();
    try {
      while (waiting.size() >= MAX_WAITING && !waiting.containsKey(lane)) {
        drained.awaitUninterruptibly();
      }
      waiting.merge(lane, report, Inbox::merge);
      if (inWork.size() < MAX_WORKERS && inWork.add(lane)) {
        Thread.ofVirtual().name("inbox-" + node).start(() -> work(lane));
      }
    } finally {
      lock.unlock();
    }
  }

  private static Report merge(Report before, Report now) {
    if (before instanceof Report.OfPod was && now instanceof Report.OfPod is) {
      return new Report.OfPod(
          is.pod(), is.uid(), is.status().or(was::status), is.gone() || was.gone());
    }
    return now;
  }

  /** Writes reports until no lane is left that nobody else works on. */
  private void work(String first) {
    Optional<String> lane = Optional.of(first);
    while (lane.isPresent()) {
      String mine = lane.get();
      take(mine).ifPresent(this::write);
      lane = next(mine);
    }
  }

  private Optional<Report> take(String lane) {
    lock.lock();
    try {
      Optional<Report> report = Optional.ofNullable(waiting.remove(lane));
      drained.signalAll();
      return report;
    } finally {
      lock.unlock();
    }
  }

  private Optional<String> next(String done) {
    lock.lock();
    try {
      inWork.remove(done);
      Iterator<String> lanes = waiting.keySet().iterator();
      while (lanes.hasNext()) {
        String lane = lanes.next();
        if (inWork.add(lane)) {
          return Optional.of(lane);
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void write(Report report) {
    try {
      retrying(
          () -> {
            switch (report) {
              case Report.OfPod pod -> writePod(pod);
              case Report.OfNode(Obj status) -> writeNode(status);
              case Report.OfEvent(Obj event) -> writeEvent(event);
              case Report.OfMirror(Obj pod) -> writeMirror(pod);
            }
          });
    } catch (StatusException e) {
      switch (e.reason()) {
        case NOT_FOUND, INVALID, FORBIDDEN, BAD_REQUEST, ALREADY_EXISTS ->
            LOG.warn("a report of node {} was refused: {}", node, e.getMessage());
        default -> failed.accept(e);
      }
    } catch (RuntimeException e) {
      LOG.error("a report of node {} failed", node, e);
      failed.accept(StatusException.of(Reason.INTERNAL_ERROR, String.valueOf(e.getMessage())));
    }
  }

  private static void retrying(Runnable write) {
    for (int attempt = 1; ; attempt++) {
      try {
        write.run();
        return;
      } catch (StatusException e) {
        if (e.reason() != Reason.CONFLICT || attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void writePod(Report.OfPod report) {
    Optional<Obj> found = own(report);
    if (found.isEmpty()) {
      return;
    }
    Obj pod = found.get();
    if (report.status().isPresent()) {
      Optional<Obj> changed = StatusMerge.pod(pod, report.status().get());
      if (changed.isPresent()) {
        pod = own.updateStatus(GroupResource.PODS, changed.get());
      }
    }
    if (report.gone() && (Meta.of(pod).isTerminating() || isMirror(pod))) {
      own.delete(
          GroupResource.PODS,
          report.pod(),
          DeleteOptions.DEFAULT.withGracePeriodSeconds(0).withUid(report.uid().text()));
    }
  }

  private static boolean isMirror(Obj pod) {
    return pod.at("metadata", "annotations").has(MIRROR);
  }

  /** Shows a pod that the node runs by itself. One that is there already is left to the agent. */
  private void writeMirror(Obj pod) {
    boolean mine = isMirror(pod) && pod.obj("spec").string("nodeName").equals(node.text());
    if (!mine) {
      LOG.warn("node {} sent a pod that is no mirror of its own: {}", node, ObjectKey.of(pod));
      return;
    }
    Obj stored = access.get(GroupResource.NODES, new ObjectKey("", node.text()));
    Obj owner =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Node",
            "name",
            node.text(),
            "uid",
            Meta.of(stored).uid(),
            "controller",
            true);
    try {
      own.create(
          GroupResource.PODS,
          pod.change("metadata", meta -> meta.with("ownerReferences", List.of(owner))));
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
      LOG.debug("the mirror of pod {} is there already", ObjectKey.of(pod));
    }
  }

  /** The pod as it is stored, when it is the one that the node means and is bound to that node. */
  private Optional<Obj> own(Report.OfPod report) {
    try {
      Obj pod = access.get(GroupResource.PODS, report.pod());
      if (Meta.of(pod).uid().equals(report.uid().text())
          && pod.obj("spec").string("nodeName").equals(node.text())) {
        return Optional.of(pod);
      }
      LOG.debug("node {} reported on pod {}, which is not its own", node, report.pod());
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
    return Optional.empty();
  }

  private void writeNode(Obj status) {
    Obj stored = access.get(GroupResource.NODES, new ObjectKey("", node.text()));
    StatusMerge.node(stored, status)
        .ifPresent(changed -> own.updateStatus(GroupResource.NODES, changed));
  }

  /** A name that is there already is the same event seen again: count and times move on. */
  private void writeEvent(Obj event) {
    Obj said = event.change("source", source -> source.with("host", node.text()));
    try {
      own.create(GroupResource.EVENTS, said);
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
      Obj stored = access.get(GroupResource.EVENTS, ObjectKey.of(said));
      if (stored.obj("source").string("host").equals(node.text())) {
        Obj metadata = stored.obj("metadata");
        own.update(GroupResource.EVENTS, said.with("metadata", metadata));
      }
    }
  }
}
