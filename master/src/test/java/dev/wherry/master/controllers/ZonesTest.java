package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.master.reconcile.Timer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hints of endpoint slices, as nodes tell of their zones; a fake kubelet makes the pods ready. */
class ZonesTest {
  private static final String ZONE = "topology.kubernetes.io/zone";

  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);
  private FakeKubelet kubelet;

  @BeforeEach
  void start() {
    cluster.startControllers();
    kubelet = new FakeKubelet(cluster.objects, timer, _ -> true);
    cluster.addNode("node-1");
    cluster.addNode("node-2");
    label("node-1", "a");
    label("node-2", "b");
    for (int i = 0; i < 6; i++) {
      cluster.objects.create(
          GroupResource.PODS,
          Cluster.json(
              """
              {'metadata':{'name':'web-%d','namespace':'default','labels':{'app':'web'}},
               'spec':{'nodeName':'node-1','containers':[{'name':'c','image':'hello:1'}]}}"""
                  .formatted(i)));
    }
  }

  @AfterEach
  void stop() throws Exception {
    kubelet.close();
    cluster.close();
    timer.close();
  }

  private void label(String node, String zone) {
    Obj stored = cluster.objects.get(GroupResource.NODES, new ObjectKey("", node));
    cluster.objects.update(GroupResource.NODES, stored.withAt(zone, "metadata", "labels", ZONE));
  }

  private void service(String annotations, String spec) {
    cluster.objects.create(
        GroupResource.SERVICES,
        Cluster.json(
            """
            {'metadata':{'name':'web','namespace':'default','annotations':{%s}},
             'spec':{'selector':{'app':'web'},'ports':[{'port':80}]%s}}"""
                .formatted(annotations, spec)));
  }

  /** Endpoints with these hints: zones and nodes. */
  private long count(String hints) {
    return cluster.list(GroupResource.ENDPOINT_SLICES).stream()
        .map(EndpointSliceView::new)
        .filter(slice -> slice.serviceName().equals("web"))
        .flatMap(slice -> slice.endpoints().stream())
        .map(each -> String.join("+", each.hintedZones()) + "/" + each.nodeHints())
        .filter(hints::equals)
        .count();
  }

  private boolean isTold(String reason) {
    return cluster.list(GroupResource.EVENTS).stream()
        .anyMatch(
            event ->
                event.obj("involvedObject").string("name").equals("web")
                    && event.string("reason").equals(reason));
  }

  @Test
  void endpointsAreDividedWhileEveryNodeTellsOfItsZone() {
    service("'service.kubernetes.io/topology-mode':'Auto'", "");
    cluster.await("divided", () -> count("a/[]") == 3 && count("b/[]") == 3);

    cluster.addNode("node-3");
    cluster.await("a node without a zone", () -> count("/[]") == 6);
    cluster.await("the reason", () -> isTold("TopologyAwareHintsDisabled"));
    label("node-3", "b");
    cluster.await("two nodes of three", () -> count("b/[]") == 4);
    cluster.await("told", () -> isTold("TopologyAwareHintsEnabled"));
  }

  @Test
  void endpointsAreForTheirOwnNodeAndZoneWhereTheServicePrefersThem() {
    service("", ",'trafficDistribution':'PreferSameNode'");
    cluster.await("hinted", () -> count("a/[node-1]") == 6);

    label("node-1", "c");
    cluster.await("moved", () -> count("c/[node-1]") == 6);
  }
}
