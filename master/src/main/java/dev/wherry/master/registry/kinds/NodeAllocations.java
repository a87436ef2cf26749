package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Meta;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.ipam.PodCidrs;
import dev.wherry.master.registry.Allocations;
import dev.wherry.master.registry.Causes;
import java.util.List;

/**
 * The pod networks of nodes: every node gets one when it is created. Confined to one thread at a
 * time.
 */
final class NodeAllocations implements Allocations {
  private final PodCidrs blocks;

  NodeAllocations(ClusterNetwork network) {
    this.blocks = new PodCidrs(network.pods(), network.nodePrefixLength());
  }

  /** A claim of one block; the text is empty when nothing was taken. */
  private record Taken(PodCidrs blocks, String owner, String taken, Obj object) implements Claim {
    @Override
    public void abandon() {
      blocks.free(taken, owner);
    }

    @Override
    public void settle() {}
  }

  private static String podCidr(Obj node) {
    return node.obj("spec").string("podCIDR");
  }

  @Override
  public void restore(Obj node) {
    blocks.take(podCidr(node), Meta.of(node).name());
  }

  @Override
  public Claim claim(Obj node, Obj existing, Causes causes) {
    String owner = Meta.of(node).name();
    String asked = podCidr(node);
    if (asked.equals(podCidr(existing)) && !asked.isEmpty()) {
      return new Taken(blocks, owner, "", node);
    }
    if (!asked.isEmpty()) {
      if (!blocks.take(asked, owner)) {
        causes.invalid("spec.podCIDR", asked, "is another node's");
        return new Taken(blocks, owner, "", node);
      }
      return new Taken(blocks, owner, asked, node);
    }
    String given =
        blocks
            .takeFree(owner)
            .orElseThrow(
                () ->
                    StatusException.of(
                        Reason.INTERNAL_ERROR, "the pod network has no block left for a node"))
            .toString();
    Obj filled =
        node.change("spec", spec -> spec.with("podCIDR", given).with("podCIDRs", List.of(given)));
    return new Taken(blocks, owner, given, filled);
  }

  @Override
  public void release(Obj node) {
    blocks.free(podCidr(node), Meta.of(node).name());
  }
}
