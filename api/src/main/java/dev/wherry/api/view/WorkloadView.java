package dev.wherry.api.view;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;

/** A view of an object that makes pods from a template and knows them by their labels. */
public interface WorkloadView extends ObjectView {
  /** Which pods may be its own. */
  default LabelSelector selector() {
    return LabelSelector.of(spec().obj("selector"));
  }

  /** {@code metadata} and {@code spec} of its pods. */
  default Obj template() {
    return spec().obj("template");
  }
}
