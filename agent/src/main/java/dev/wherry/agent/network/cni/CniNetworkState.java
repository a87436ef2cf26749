package dev.wherry.agent.network.cni;

import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What plugins say of a network as a whole, beside single pods: whether they could connect one, and
 * that they clean up after pods that are none any more (specification 1.1). Immutable.
 */
record CniNetworkState(CniConfig config, CniPlugins plugins) {
  private static final String VALID = "cni.dev/valid-attachments";

  /** What is in the way of the next pod; empty: nothing. */
  Optional<String> obstacle() throws InterruptedException {
    if (!config.knowsStatusAndGarbage()) {
      return Optional.empty();
    }
    for (Obj plugin : config.plugins()) {
      try {
        plugins.ask("STATUS", config.input(plugin, Obj.EMPTY, Obj.EMPTY));
      } catch (IOException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
    return Optional.empty();
  }

  /**
   * Has the plugins let go of what they hold for other pods than these.
   *
   * @param valid pods that are connected by this network
   */
  void collectGarbage(List<CniAttachment> valid) throws IOException, InterruptedException {
    if (!config.knowsStatusAndGarbage() || config.disableGc()) {
      return;
    }
    List<Obj> attachments =
        valid.stream()
            .map(each -> Obj.of("containerID", each.pod().id(), "ifname", CniPlugins.INTERFACE))
            .toList();
    for (Obj plugin : config.plugins()) {
      plugins.ask("GC", config.input(plugin, Obj.EMPTY, Obj.EMPTY).with(VALID, attachments));
    }
  }
}
