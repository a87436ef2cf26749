package dev.wherry.cli.session;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.fleet.FleetServer;
import dev.wherry.master.fleet.FleetService;
import dev.wherry.master.fleet.Networks;
import dev.wherry.master.fleet.PodConnector;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.store.InMemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A master in this process: the real registry over a store in memory, and the fleet of agents. It
 * can be stopped and started again over the same store.
 */
final class SimulatedMaster implements AutoCloseable {
  private final String prefix = "fleet-" + UUID.randomUUID();
  private final List<NodeName> nodes;
  private final InMemoryStore store = new InMemoryStore();
  private final List<FleetServer> servers = new ArrayList<>();
  private Entrance entrance = open();
  private FleetService fleet;

  SimulatedMaster(String... nodes) {
    this.nodes = List.of(nodes).stream().map(NodeName::new).toList();
    for (String name : List.of("default", "kube-system", "kube-node-lease")) {
      access()
          .create(
              GroupResource.NAMESPACES,
              Obj.of("apiVersion", "v1", "kind", "Namespace", "metadata", Obj.of("name", name)));
    }
    fleet = serve();
  }

  private Entrance open() {
    return Entrance.open(store, ClusterNetwork.DEFAULT, InstantSource.system(), Audit.NONE);
  }

  private FleetService serve() {
    FleetService service =
        new FleetService(
            access(), new Networks("10.42.0.0/16", "10.43.0.0/16"), InstantSource.system());
    service.start();
    for (NodeName node : nodes) {
      try {
        servers.add(FleetServer.inProcess(address(node), node, service));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return service;
  }

  String address(NodeName node) {
    return prefix + "-" + node;
  }

  ObjectAccess access() {
    return entrance.as(Identity.MASTER);
  }

  FleetService fleet() {
    return fleet;
  }

  PodConnector connector() {
    return new PodConnector(fleet);
  }

  Optional<Obj> find(GroupResource resource, ObjectKey key) {
    try {
      return Optional.of(access().get(resource, key));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  List<Obj> pods() {
    return access().list(GroupResource.PODS, "", ListOptions.ALL).items();
  }

  Obj createPod(String name, String node) {
    return access()
        .create(
            GroupResource.PODS,
            Obj.of(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                Obj.of("namespace", "default", "name", name),
                "spec",
                Obj.of(
                    "nodeName", node, "containers", List.of(Obj.of("name", "c", "image", "i:1")))));
  }

  /** Stops as a crash does: sessions break, nothing is said. The store stays. */
  void stop() {
    servers.forEach(FleetServer::close);
    servers.clear();
    fleet.close();
    entrance.close();
  }

  void startAgain() {
    entrance = open();
    fleet = serve();
  }

  @Override
  public void close() {
    stop();
    store.close();
  }
}
