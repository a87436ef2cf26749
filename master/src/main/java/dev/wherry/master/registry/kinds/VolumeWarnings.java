package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What to tell whoever gives a pod these volumes: sources that have no use any more, and files of
 * one volume that hide each other. Pure.
 */
final class VolumeWarnings {
  private static final Map<String, String> DEPRECATED =
      Map.of(
          "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+",
          "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+",
          "scaleIO", "deprecated in v1.16, non-functional in v1.22+",
          "flocker", "deprecated in v1.22, non-functional in v1.25+",
          "storageos", "deprecated in v1.22, non-functional in v1.25+",
          "quobyte", "deprecated in v1.22, non-functional in v1.25+",
          "glusterfs", "deprecated in v1.25, non-functional in v1.26+",
          "cephfs", "deprecated in v1.28, non-functional in v1.31+",
          "rbd", "deprecated in v1.28, non-functional in v1.31+");

  private VolumeWarnings() {}

  static void ofPod(Obj spec, String path, List<String> warnings) {
    Checks.each(
        spec.objs("volumes"),
        path + ".volumes",
        (volume, at) -> {
          for (Obj.Entry member : volume) {
            String advice = DEPRECATED.get(member.key());
            if (advice != null) {
              warnings.add(at + "." + member.key() + ": " + advice);
            }
          }
          ContainerWarnings.fraction(
              volume.at("ephemeral", "volumeClaimTemplate", "spec", "resources", "requests"),
              "storage",
              at + ".ephemeral.volumeClaimTemplate.spec.resources.requests",
              warnings);
        });
    for (Obj volume : spec.objs("volumes")) {
      overlaps(volume, warnings);
    }
  }

  private static void overlaps(Obj volume, List<String> warnings) {
    String name = "volume \"" + volume.string("name") + "\" (";
    for (Files files : files(volume, "secretName")) {
      overlaps(files.paths(), name + files.source() + "): overlapping paths", warnings);
    }
    Set<String> all = new TreeSet<>();
    for (Obj source : volume.obj("projected").objs("sources")) {
      if (source.isEmpty()) {
        warnings.add(name + "Projected) has no sources provided");
      }
      for (Files files : projected(source)) {
        String message = name + "Projected " + files.source() + "): overlapping paths";
        overlaps(files.paths(), message, warnings);
        Set<String> own = new TreeSet<>(files.paths());
        List<String> together = new ArrayList<>(own);
        together.addAll(all);
        overlaps(together.stream().sorted().toList(), message, warnings);
        all.addAll(own);
      }
    }
  }

  /** The files that a source makes, and how to call it. */
  private record Files(String source, List<String> paths) {}

  private static List<Files> projected(Obj source) {
    List<Files> all = new ArrayList<>(files(source, "name"));
    if (source.has("serviceAccountToken")) {
      all.add(
          new Files(
              "ServiceAccountToken", List.of(source.obj("serviceAccountToken").string("path"))));
    }
    if (source.has("clusterTrustBundle")) {
      Obj bundle = source.obj("clusterTrustBundle");
      String name = bundle.string("name", bundle.string("signerName"));
      all.add(new Files("ClusterTrustBundle \"" + name + "\"", List.of(bundle.string("path"))));
    }
    return all;
  }

  /** Those of sources that say item by item what they make; a volume calls its secret otherwise. */
  private static List<Files> files(Obj sources, String nameOfSecret) {
    List<Files> all = new ArrayList<>();
    Obj map = sources.obj("configMap");
    Obj secret = sources.obj("secret");
    add(map, "ConfigMap \"" + map.string("name") + "\"", all);
    add(secret, "Secret \"" + secret.string(nameOfSecret) + "\"", all);
    add(sources.obj("downwardAPI"), "DownwardAPI", all);
    return all;
  }

  private static void add(Obj source, String called, List<Files> all) {
    if (!source.list("items").isEmpty()) {
      all.add(new Files(called, source.objs("items").stream().map(i -> i.string("path")).toList()));
    }
  }

  private static void overlaps(List<String> paths, String message, List<String> warnings) {
    Set<String> seen = new LinkedHashSet<>();
    for (String given : paths) {
      String path = given.replaceFirst("/+$", "");
      overlapped(path, seen)
          .ifPresent(other -> warnings.add(message + ": \"" + path + "\" with \"" + other + "\""));
      seen.add(path);
    }
  }

  /** The same file, or one that would have to be a directory. */
  private static Optional<String> overlapped(String path, Set<String> others) {
    if (path.isEmpty()) {
      return Optional.empty();
    }
    return others.stream()
        .filter(
            other ->
                !other.isEmpty()
                    && ((other + "/").startsWith(path + "/")
                        || (path + "/").startsWith(other + "/")))
        .findFirst();
  }
}
