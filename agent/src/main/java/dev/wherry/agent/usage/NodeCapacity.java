package dev.wherry.agent.usage;

import dev.wherry.agent.cgroup.PageSize;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ResourceList;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the machine has and what of it pods can be given, by resource; CPU in thousandths of a core,
 * everything else in whole units. Immutable.
 *
 * @param kept of the total from pods: reservations, and what must stay free lest pods be evicted
 *     (Kubernetes: reserve compute resources)
 */
public record NodeCapacity(Map<String, Long> total, Map<String, Long> kept) {
  private static final Path HUGE_PAGE_POOLS = Path.of("/sys/kernel/mm/hugepages");

  public NodeCapacity {
    total = Map.copyOf(total);
    kept = Map.copyOf(kept);
  }

  /**
   * Reads what the machine has.
   *
   * @param dataDir on the file system whose size is the node's ephemeral storage
   */
  public static NodeCapacity read(Path dataDir, int maxPods) throws IOException {
    Map<String, Long> total = new HashMap<>();
    total.put(ResourceList.CPU, 1000L * Runtime.getRuntime().availableProcessors());
    total.put(ResourceList.MEMORY, Proc.memory("MemTotal"));
    total.put(ResourceList.EPHEMERAL_STORAGE, Files.getFileStore(dataDir).getTotalSpace());
    total.put(ResourceList.PODS, (long) maxPods);
    total.putAll(hugePages(HUGE_PAGE_POOLS));
    return new NodeCapacity(total, Map.of());
  }

  /** Bytes of each pool of huge pages, by resource; the kernel set them aside at its start. */
  static Map<String, Long> hugePages(Path pools) throws IOException {
    Map<String, Long> bytes = new TreeMap<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(pools, "hugepages-*kB")) {
      for (Path pool : all) {
        String name = pool.getFileName().toString();
        long size =
            1024
                * Long.parseLong(
                    name.substring(ResourceList.HUGE_PAGES.length(), name.length() - 2));
        String pages = Proc.text(pool.resolve("nr_hugepages").toString());
        bytes.put(
            ResourceList.HUGE_PAGES + PageSize.resource(size),
            pages.isEmpty() ? 0 : size * Long.parseLong(pages));
      }
    } catch (NoSuchFileException _) {
      // A kernel without huge pages.
    }
    return bytes;
  }

  /** With this much more kept from pods. */
  public NodeCapacity keeping(Map<String, Long> more) {
    Map<String, Long> sum = new HashMap<>(kept);
    more.forEach((resource, amount) -> sum.merge(resource, amount, Long::sum));
    return new NodeCapacity(total, sum);
  }

  /** With other resources besides, all of them for pods. */
  public NodeCapacity with(Map<String, Long> extended) {
    if (extended.isEmpty()) {
      return this;
    }
    Map<String, Long> all = new HashMap<>(total);
    all.putAll(extended);
    return new NodeCapacity(all, kept);
  }

  public long total(String resource) {
    return total.getOrDefault(resource, 0L);
  }

  /** What pods can be given together. */
  public long allocatable(String resource) {
    long free = total(resource) - kept.getOrDefault(resource, 0L);
    // Pages that were set aside are nobody's memory any more.
    return Math.max(0, resource.equals(ResourceList.MEMORY) ? free - setAside() : free);
  }

  private long setAside() {
    return total.entrySet().stream()
        .filter(each -> each.getKey().startsWith(ResourceList.HUGE_PAGES))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** As a node's {@code status.capacity}. */
  Obj capacity() {
    Map<String, String> quantities = new TreeMap<>();
    total.forEach((resource, amount) -> quantities.put(resource, quantity(resource, amount)));
    return Obj.of(quantities);
  }

  /** As a node's {@code status.allocatable}. */
  Obj allocatable() {
    Map<String, String> quantities = new TreeMap<>();
    total
        .keySet()
        .forEach(resource -> quantities.put(resource, quantity(resource, allocatable(resource))));
    return Obj.of(quantities);
  }

  private static String quantity(String resource, long amount) {
    if (resource.equals(ResourceList.CPU)) {
      return amount % 1000 == 0 ? Long.toString(amount / 1000) : amount + "m";
    }
    boolean bytes =
        resource.equals(ResourceList.MEMORY)
            || resource.equals(ResourceList.EPHEMERAL_STORAGE)
            || resource.startsWith(ResourceList.HUGE_PAGES) && amount > 0;
    return bytes ? amount / 1024 + "Ki" : Long.toString(amount);
  }
}
