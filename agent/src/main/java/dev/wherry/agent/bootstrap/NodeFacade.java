package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.endpoint.NodeEndpoint;
import dev.wherry.api.tree.Obj;
import java.util.List;

/** The node as its endpoint shows it. Immutable. */
record NodeFacade(AgentOptions options, DesiredState desired) implements NodeEndpoint.Node {

  /** kubelet's names for what an agent can be told, and what it does where it cannot. */
  @Override
  public Obj configuration() {
    return Obj.builder()
        .put("kind", "KubeletConfiguration")
        .put("apiVersion", "kubelet.config.k8s.io/v1beta1")
        .put("containerLogMaxSize", Long.toString(options.logs().maxFileBytes()))
        .put("containerLogMaxFiles", options.logs().maxFiles())
        .put("podLogsDir", options.logs().directory().resolve("pods").toString())
        .put("clusterDomain", options.clusterDomain())
        .put("maxParallelImagePulls", options.images().parallelPulls())
        .put("enableServer", false)
        .build();
  }

  @Override
  public List<Obj> pods() {
    return List.copyOf(desired.all(Resource.PODS));
  }
}
