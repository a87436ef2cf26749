package dev.wherry.api.view;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A pod disruption budget, typed. */
public record PodDisruptionBudgetView(Obj tree) implements ObjectView {
  private static final IntOrPercent NONE = new IntOrPercent(0, false);

  /** Without a selector it is about no pod; with an empty one about all of the namespace. */
  public boolean selects(Map<String, String> labels) {
    return spec().has("selector") && selector().matches(labels);
  }

  /** Without a selector nothing. */
  public LabelSelector selector() {
    return spec().has("selector")
        ? LabelSelector.of(spec().obj("selector"))
        : new LabelSelector(List.of(new LabelSelector.Requirement.In("", java.util.Set.of())));
  }

  public Optional<IntOrPercent> minAvailable() {
    return spec().get("minAvailable").map(each -> IntOrPercent.of(each, NONE));
  }

  public Optional<IntOrPercent> maxUnavailable() {
    return spec().get("maxUnavailable").map(each -> IntOrPercent.of(each, NONE));
  }

  public int disruptionsAllowed() {
    return (int) status().number("disruptionsAllowed", 0);
  }

  /** When each pod was given away, by its name. */
  public Map<String, String> disruptedPods() {
    return status().stringMap("disruptedPods");
  }
}
