package dev.wherry.master.samples;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.VirtualResource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The resources of metrics.k8s.io, which {@code kubectl top} asks, made from usage samples. */
public final class MetricsResources {
  private static final String GROUP = "metrics.k8s.io";
  private static final String VERSION = "v1beta1";

  private MetricsResources() {}

  public static List<VirtualResource> of(UsageSamples samples) {
    return List.of(new Nodes(samples), new Pods(samples));
  }

  private record Nodes(UsageSamples samples) implements VirtualResource {
    private static final ResourceDefinition DEFINITION =
        ResourceDefinition.of(GROUP, VERSION, "NodeMetrics", "nodes")
            .clusterScoped()
            .verbs("get", "list")
            .build();

    @Override
    public ResourceDefinition definition() {
      return DEFINITION;
    }

    @Override
    public Optional<Obj> find(ObjectKey key, Finder stored) {
      return samples.node(new NodeName(key.name())).map(each -> render(each, stored));
    }

    @Override
    public List<Obj> list(String namespace, Finder stored) {
      return samples.nodes().stream().map(each -> render(each, stored)).toList();
    }

    private static Obj render(UsageReport report, Finder stored) {
      ObjectKey key = new ObjectKey("", report.node().text());
      return head("NodeMetrics", GroupResource.NODES, key, stored)
          .put("timestamp", Meta.Times.format(report.at()))
          .put("window", seconds(report.window()))
          .put("usage", usage(report.total()))
          .build();
    }
  }

  private record Pods(UsageSamples samples) implements VirtualResource {
    private static final ResourceDefinition DEFINITION =
        ResourceDefinition.of(GROUP, VERSION, "PodMetrics", "pods").verbs("get", "list").build();

    @Override
    public ResourceDefinition definition() {
      return DEFINITION;
    }

    @Override
    public Optional<Obj> find(ObjectKey key, Finder stored) {
      return samples.pods().stream()
          .filter(each -> each.usage().pod().equals(key) && isThere(each, stored))
          .findFirst()
          .map(each -> render(each, stored));
    }

    @Override
    public List<Obj> list(String namespace, Finder stored) {
      return samples.pods().stream()
          .filter(each -> namespace.isEmpty() || each.usage().pod().namespace().equals(namespace))
          .filter(each -> isThere(each, stored))
          .map(each -> render(each, stored))
          .toList();
    }

    private static boolean isThere(UsageSamples.PodSample sample, Finder stored) {
      return stored
          .find(GroupResource.PODS, sample.usage().pod())
          .filter(pod -> Meta.of(pod).uid().equals(sample.usage().uid().text()))
          .isPresent();
    }

    private static Obj render(UsageSamples.PodSample sample, Finder stored) {
      return head("PodMetrics", GroupResource.PODS, sample.usage().pod(), stored)
          .put("timestamp", Meta.Times.format(sample.at()))
          .put("window", seconds(sample.window()))
          .put(
              "containers",
              sample.usage().containers().stream()
                  .map(each -> Obj.of("name", each.name(), "usage", usage(each.used())))
                  .toList())
          .build();
    }
  }

  private static Obj.Builder head(
      String kind, GroupResource of, ObjectKey key, VirtualResource.Finder stored) {
    Optional<Meta> meta = stored.find(of, key).map(Meta::of);
    Obj metadata =
        Obj.builder()
            .put("name", key.name())
            .putUnlessEmpty("namespace", key.namespace())
            .putUnlessEmpty("labels", meta.map(each -> each.tree().obj("labels")).orElse(Obj.EMPTY))
            .put(
                "creationTimestamp",
                Meta.Times.format(meta.flatMap(Meta::creationTimestamp).orElse(Instant.EPOCH)))
            .build();
    return Obj.builder()
        .put("kind", kind)
        .put("apiVersion", GROUP + "/" + VERSION)
        .put("metadata", metadata);
  }

  /** As metrics-server writes them: billionths of a core, kibibytes. */
  private static Obj usage(UsageReport.Consumption used) {
    return Obj.of(
        "cpu", used.cpuNanoCores() + "n", "memory", used.memoryWorkingSetBytes() / 1024 + "Ki");
  }

  private static String seconds(Duration window) {
    return window.toMillis() / 1000.0 + "s";
  }
}
