package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** A horizontal pod autoscaler of autoscaling/v2, typed. */
public record HorizontalPodAutoscalerView(Obj tree) implements ObjectView {
  /** {@code apiVersion}, {@code kind} and {@code name} of what is scaled. */
  public Obj target() {
    return spec().obj("scaleTargetRef");
  }

  public long minReplicas() {
    return spec().number("minReplicas", 1);
  }

  public long maxReplicas() {
    return spec().number("maxReplicas", 1);
  }

  /** What is measured; where nothing is said, CPU at 80 percent of the requests. */
  public List<Obj> metrics() {
    List<Obj> metrics = spec().objs("metrics");
    return metrics.isEmpty()
        ? List.of(
            Obj.of(
                "type",
                "Resource",
                "resource",
                Obj.of(
                    "name",
                    "cpu",
                    "target",
                    Obj.of("type", "Utilization", "averageUtilization", 80))))
        : metrics;
  }

  /** {@code direction} is {@code scaleUp} or {@code scaleDown}. */
  public Obj behavior(String direction) {
    return spec().obj("behavior").obj(direction);
  }
}
