package dev.wherry.master.registry.kinds;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.ipam.PodCidrs;
import dev.wherry.master.registry.Allocations;
import dev.wherry.master.registry.Causes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pod networks of nodes: every node gets one when it is created. Confined to one thread at a
 * time.
 */
final class NodeAllocations implements Allocations {
  /** Of each address family. */
  private final List<PodCidrs> blocks = new ArrayList<>();

  NodeAllocations(ClusterNetwork network) {
    for (Cidr range : network.pods().all()) {
      blocks.add(new PodCidrs(range, network.nodePrefixLength(range.family())));
    }
  }

  /** A claim of these blocks; none when nothing was taken. */
  private record Taken(List<PodCidrs> blocks, String owner, List<String> taken, Obj object)
      implements Claim {
    @Override
    public void abandon() {
      free(blocks, taken, owner);
    }

    @Override
    public void settle() {}
  }

  /** Each block minds what is its own alone. */
  private static void free(List<PodCidrs> blocks, List<String> ranges, String owner) {
    ranges.forEach(range -> blocks.forEach(block -> block.free(range, owner)));
  }

  private static List<String> podCidrs(Obj node) {
    return new NodeView(node).podCidrs();
  }

  @Override
  public void restore(Obj node) {
    podCidrs(node).forEach(range -> blocks.forEach(b -> b.take(range, Meta.of(node).name())));
  }

  @Override
  public Claim claim(Obj node, Obj existing, Causes causes) {
    String owner = Meta.of(node).name();
    List<String> asked = podCidrs(node);
    if (asked.equals(podCidrs(existing)) && !asked.isEmpty()) {
      return new Taken(blocks, owner, List.of(), node);
    }
    List<String> taken = new ArrayList<>();
    if (!asked.isEmpty()) {
      for (String range : asked) {
        if (!blocks.stream().allMatch(block -> block.take(range, owner))) {
          causes.invalid("spec.podCIDR", range, "is another node's");
          free(blocks, taken, owner);
          return new Taken(blocks, owner, List.of(), node);
        }
        taken.add(range);
      }
      return new Taken(blocks, owner, asked, node);
    }
    for (PodCidrs block : blocks) {
      Optional<Cidr> given = block.takeFree(owner);
      if (given.isEmpty()) {
        free(blocks, taken, owner);
        throw StatusException.of(
            Reason.INTERNAL_ERROR, "the pod network has no block left for a node");
      }
      taken.add(given.get().toString());
    }
    Obj filled =
        node.change("spec", spec -> spec.with("podCIDR", taken.getFirst()).with("podCIDRs", taken));
    return new Taken(blocks, owner, taken, filled);
  }

  @Override
  public void release(Obj node) {
    free(blocks, podCidrs(node), Meta.of(node).name());
  }
}
