package dev.wherry.cli;

import dev.wherry.agent.network.OwnAddress;
import dev.wherry.api.lifecycle.Parts;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.access.Identity;
import dev.wherry.master.bootstrap.Master;
import dev.wherry.master.bootstrap.MasterOptions;
import dev.wherry.master.controllers.loadbalancer.AddressRange;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A master and an agent in this process, joined by gRPC's in-process channel. */
final class OneNode implements AutoCloseable {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(120);

  private final DataDirectory data;
  private final ServerLife life;
  private final Parts parts = ServerLife.parts();

  private OneNode(DataDirectory data, ServerLife life) {
    this.data = data;
    this.life = life;
  }

  /**
   * Starts both halves and returns when the node is Ready.
   *
   * @throws UserError when something is in the way that the user can move
   */
  static OneNode start(
      DataDirectory data, ServerOptions options, NetworkOptions network, Progress progress)
      throws IOException, InterruptedException {
    String name = options.nodeName();
    InetAddress address = options.nodeAddress();
    AddressRange pool = network.loadBalancers();
    ServerLife life = ServerLife.begin(data, options);
    OneNode node = new OneNode(data, life);
    try {
      progress.say("starting node " + name + " (" + address.getHostAddress() + ")");
      ClusterNetwork ranges = network.network(new Layout(data).master());
      node.compose(new NodeName(name), address, options, ranges, pool);
      life.serving("server", name, options.apiPort());
      return node;
    } catch (IOException e) {
      node.close();
      throw new UserError(e.getMessage() + "; the log is " + data.log(), e);
    } catch (InterruptedException | RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void compose(
      NodeName name,
      InetAddress address,
      ServerOptions options,
      ClusterNetwork ranges,
      AddressRange pool)
      throws IOException, InterruptedException {
    Layout layout = new Layout(data);
    layout.settle();
    String channel = "wherry-" + ProcessHandle.current().pid();
    ShippedImages.copyTo(layout.agent().resolve("images"), data);
    // Neither half needs the other to begin: engine, rules and pods come up while the store is
    // read.
    try (AgentStart agent = AgentStart.begin(options.agentOptions(layout), channel)) {
      Master master = master(layout, name, address, options, ranges, pool);
      master.serveInProcess(name, channel);
      agent.masterServes();
      master.serveAgentsOnDemand(name, options.agentPort());
      parts
          .add(OwnAddress.of(options.fixedNodeAddress()))
          .listen(now -> master.advertise(now.inet()));
      parts.add(agent.await());
      awaitReady(master, name);
    }
  }

  private Master master(
      Layout layout,
      NodeName name,
      InetAddress address,
      ServerOptions options,
      ClusterNetwork ranges,
      AddressRange pool)
      throws IOException {
    return parts.add(
        Master.start(
            new MasterOptions(
                layout.master(),
                data.kubeconfig(),
                options.apiPort(),
                address,
                name.text(),
                ranges,
                pool,
                options.monitoring(),
                options.legacyTokens(),
                options.audit(),
                options.admissionConfig()),
            life::fenced));
  }

  private void awaitReady(Master master, NodeName name) throws InterruptedException {
    CountDownLatch ready = new CountDownLatch(1);
    ListOptions ours = ListOptions.ALL.withFields("metadata.name=" + name);
    ObjectWatch.Listener listener =
        events ->
            events.forEach(
                event -> {
                  if (new NodeView(event.object()).isReady()) {
                    ready.countDown();
                  }
                });
    try (ObjectWatch _ =
        master.access(Identity.MASTER).watch(GroupResource.NODES, "", ours, listener)) {
      if (!ready.await(READY_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        throw new UserError(
            "the node did not become Ready within "
                + READY_TIMEOUT.toSeconds()
                + " s; the log "
                + data.log()
                + " says why");
      }
    }
  }

  /** Blocks until the process is asked to end; the exit code. */
  int awaitEnd() throws InterruptedException {
    return life.awaitEnd();
  }

  /** Stops the agent, then the master. Pods run on. */
  @Override
  public void close() {
    life.close(parts);
  }
}
