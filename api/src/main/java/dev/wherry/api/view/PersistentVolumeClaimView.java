package dev.wherry.api.view;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;

/** A claim to a persistent volume, typed. */
public record PersistentVolumeClaimView(Obj tree) implements ObjectView {
  /** {@code Pending}, {@code Bound} or {@code Lost}. */
  public String phase() {
    return status().string("phase", "Pending");
  }

  public boolean isBound() {
    return phase().equals("Bound") && !volumeName().isEmpty();
  }

  /** Empty until it is bound, or where no volume is asked for by name. */
  public String volumeName() {
    return spec().string("volumeName");
  }

  /** The empty optional: of the default class; the empty string: of none. */
  public Optional<String> storageClassName() {
    return spec().get("storageClassName").filter(String.class::isInstance).map(String.class::cast);
  }

  public Quantity storage() {
    return new ResourceList(spec().obj("resources").obj("requests"))
        .get("storage")
        .orElse(Quantity.ZERO);
  }

  /** What it has, as far as it is bound. */
  public Quantity capacity() {
    return new ResourceList(status().obj("capacity")).get("storage").orElse(Quantity.ZERO);
  }

  public List<String> accessModes() {
    return spec().strings("accessModes");
  }

  /** {@code Filesystem} or {@code Block}. */
  public String volumeMode() {
    return spec().string("volumeMode", "Filesystem");
  }

  public LabelSelector selector() {
    return LabelSelector.of(spec().obj("selector"));
  }
}
