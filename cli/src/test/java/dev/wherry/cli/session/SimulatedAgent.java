package dev.wherry.cli.session;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.Link;
import dev.wherry.agent.link.LinkOptions;
import dev.wherry.agent.link.NodeServices;
import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.agent.volume.VolumeDirectory;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * A node without containers: it "starts" each pod that it is told of, says Running, and says gone
 * when a pod is to end or is not wanted any more. It records what it did.
 */
final class SimulatedAgent implements AutoCloseable {
  final NodeName node;
  final DesiredState desired = new DesiredState();
  final Queue<String> starts = new ConcurrentLinkedQueue<>();
  final Queue<String> foreign = new ConcurrentLinkedQueue<>();
  final Set<String> running = ConcurrentHashMap.newKeySet();
  private final Map<String, Obj> told = new ConcurrentHashMap<>();
  private final CountDownLatch linked = new CountDownLatch(1);
  private final Link link;

  SimulatedAgent(String name, ChannelSource channels, ContainerStreams streams, PodLogs logs) {
    node = new NodeName(name);
    desired.listen(this::onChange);
    LinkOptions options =
        new LinkOptions(
            node,
            "test",
            () -> Obj.of("metadata", Obj.of("labels", Obj.of("kubernetes.io/os", "linux"))),
            Duration.ofMillis(200),
            Duration.ofSeconds(3),
            Duration.ofMillis(2),
            Duration.ofMillis(40));
    link =
        Link.start(
            options,
            channels,
            desired,
            new NodeServices(
                streams, logs, new VolumeDirectory(Path.of("/nowhere/volumes")), NodeEcho::new));
    linked.countDown();
  }

  Link link() {
    try {
      linked.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return link;
  }

  private void onChange(Change change) {
    switch (change) {
      case Change.Upserted(Resource resource, Obj pod) when resource == Resource.PODS -> pod(pod);
      case Change.Removed(Resource resource, Obj last) when resource == Resource.PODS ->
          running.remove(Meta.of(last).uid());
      case Change.Upserted _, Change.Removed _, Change.NetworksKnown _, Change.Synced _ -> {}
    }
  }

  private void pod(Obj pod) {
    Meta meta = Meta.of(pod);
    if (!pod.obj("spec").string("nodeName").equals(node.text())) {
      foreign.add(meta.name());
    }
    PodUid uid = new PodUid(meta.uid());
    if (meta.isTerminating()) {
      running.remove(meta.uid());
      link().reports().podGone(ObjectKey.of(pod), uid);
    } else if (told.put(meta.uid(), pod) == null) {
      starts.add(meta.uid());
      running.add(meta.uid());
      link().reports().podStatus(ObjectKey.of(pod), uid, status("Running"));
    }
  }

  static Obj status(String phase) {
    return Json.read(
        """
        {"phase":"%s","conditions":[{"type":"Ready","status":"True"}]}\
        """
            .formatted(phase));
  }

  List<String> podNames() {
    return desired.all(Resource.PODS).stream().map(pod -> Meta.of(pod).name()).toList();
  }

  @Override
  public void close() {
    link.close();
  }
}
