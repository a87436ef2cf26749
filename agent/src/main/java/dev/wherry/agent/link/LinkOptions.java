package dev.wherry.agent.link;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How a {@link Link} behaves.
 *
 * @param node whose agent this is
 * @param agentVersion as the master logs it
 * @param nodeObject the Node as the agent sees it when it says hello: labels, annotations, status
 * @param heartbeat how long the session may be silent
 * @param patience for how long, to a heartbeat, the master may leave a hello unanswered: then the
 *     session is given up and another begins
 * @param minBackOff the wait after the first failed connection; doubled after each further one
 * @param maxBackOff the longest wait
 */
public record LinkOptions(
    NodeName node,
    String agentVersion,
    Supplier<Obj> nodeObject,
    Duration heartbeat,
    Duration patience,
    Duration minBackOff,
    Duration maxBackOff) {

  public LinkOptions(NodeName node, String agentVersion, Supplier<Obj> nodeObject) {
    this(
        node,
        agentVersion,
        nodeObject,
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(1),
        Duration.ofSeconds(30));
  }
}
