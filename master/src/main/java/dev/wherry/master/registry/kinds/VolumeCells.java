package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Cells of volumes and claims. Pure. */
final class VolumeCells {
  private static final Map<String, String> SHORT_MODES =
      Map.of(
          "ReadWriteOnce", "RWO",
          "ReadOnlyMany", "ROX",
          "ReadWriteMany", "RWX",
          "ReadWriteOncePod", "RWOP");

  private VolumeCells() {}

  /** {@code RWO,ROX}. */
  static String accessModes(Obj holder) {
    List<String> modes = new ArrayList<>();
    holder.strings("accessModes").forEach(mode -> modes.add(SHORT_MODES.getOrDefault(mode, mode)));
    return String.join(",", modes);
  }

  static String phase(Obj object) {
    boolean terminating = !Meta.of(object).tree().string("deletionTimestamp").isEmpty();
    return terminating ? "Terminating" : object.obj("status").string("phase");
  }

  static String mode(Obj object) {
    return orUnset(object.obj("spec").string("volumeMode"));
  }

  static String orUnset(String text) {
    return text.isEmpty() ? "<unset>" : text;
  }
}
