package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/** What volumes and claims have in common. Pure. */
final class VolumeChecks {
  static final List<String> MODES = List.of("Block", "Filesystem");
  private static final List<String> ACCESS_MODES =
      List.of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");

  private VolumeChecks() {}

  static void accessModes(Obj spec, String path, Causes causes) {
    List<String> modes = spec.strings("accessModes");
    if (modes.isEmpty()) {
      causes.required(path + ".accessModes", "at least 1 access mode is required");
    }
    for (String mode : modes) {
      if (!ACCESS_MODES.contains(mode)) {
        causes.notSupported(path + ".accessModes", mode, ACCESS_MODES);
      }
    }
    if (modes.size() > 1 && modes.contains("ReadWriteOncePod")) {
      causes.forbidden(
          path + ".accessModes", "may not use ReadWriteOncePod with other access modes");
    }
  }
}
