package dev.wherry.agent.volume;

import dev.wherry.agent.volume.VolumePlan.EmptyDir;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import dev.wherry.api.view.Volume.Source;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Plans emptyDir volumes (Kubernetes: Volumes, emptyDir; Manage huge pages). Pure. */
final class EmptyDirs {
  private static final String MEMORY = "Memory";
  private static final String HUGE_PAGES = "HugePages";

  private EmptyDirs() {}

  /**
   * Plans one.
   *
   * @throws VolumeException when nobody knows its medium, or the pod asks for no such pages
   */
  static EmptyDir plan(Source.EmptyDir dir, PodView pod, long nodeMemoryBytes)
      throws VolumeException {
    long limit = dir.sizeLimit().isEmpty() ? 0 : Quantity.parse(dir.sizeLimit()).wholeCeiling();
    String medium = dir.medium();
    if (medium.isEmpty()) {
      return new EmptyDir(new EmptyDir.Disk(), limit);
    }
    if (medium.equals(MEMORY)) {
      // As large as the pod may be in memory anyway (kubelet: SizeMemoryBackedVolumes).
      return new EmptyDir(
          new EmptyDir.Memory(), smallest(nodeMemoryBytes, limit, memoryLimit(pod)));
    }
    if (medium.equals(HUGE_PAGES) || medium.startsWith(HUGE_PAGES + "-")) {
      String size = pageSize(medium, requestedPageSizes(pod));
      return new EmptyDir(new EmptyDir.HugePages(Quantity.parse(size).wholeCeiling()), limit);
    }
    throw new VolumeException("unknown storage medium \"" + medium + "\"");
  }

  /** The medium names the size where the pod asks for pages of several. */
  private static String pageSize(String medium, Set<String> requested) throws VolumeException {
    if (medium.equals(HUGE_PAGES)) {
      if (requested.size() != 1) {
        throw new VolumeException(
            "medium \"HugePages\" goes with huge pages of one size, the pod requests %s"
                .formatted(requested.isEmpty() ? "none" : String.join(" and ", requested)));
      }
      return requested.iterator().next();
    }
    String size = medium.substring(HUGE_PAGES.length() + 1);
    if (!requested.contains(size)) {
      throw new VolumeException(
          "medium \"%s\": the pod requests no huge pages of size %s".formatted(medium, size));
    }
    return size;
  }

  private static Set<String> requestedPageSizes(PodView pod) {
    Set<String> sizes = new TreeSet<>();
    Stream.concat(pod.initContainers().stream(), pod.containers().stream())
        .flatMap(each -> each.requests().amounts().keySet().stream())
        .filter(resource -> resource.startsWith(ResourceList.HUGE_PAGES))
        .forEach(resource -> sizes.add(resource.substring(ResourceList.HUGE_PAGES.length())));
    return sizes;
  }

  private static long smallest(long first, long... bounds) {
    long smallest = first;
    for (long each : bounds) {
      smallest = each > 0 ? Math.min(smallest, each) : smallest;
    }
    return smallest;
  }

  /** 0: none, since one container at least has none, nor has the pod as a whole. */
  private static long memoryLimit(PodView pod) {
    if (pod.limits().memoryBytes() > 0) {
      return pod.limits().memoryBytes();
    }
    long sum = 0;
    for (ContainerView each : pod.containers()) {
      long limit = each.limits().memoryBytes();
      if (limit == 0) {
        return 0;
      }
      sum += limit;
    }
    return sum;
  }
}
