package dev.wherry.master.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.proto.v1.AgentMessage;
import dev.wherry.proto.v1.FleetGrpc;
import dev.wherry.proto.v1.Heartbeat;
import dev.wherry.proto.v1.Held;
import dev.wherry.proto.v1.Hello;
import dev.wherry.proto.v1.MasterMessage;
import dev.wherry.proto.v1.NodeStatus;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.PodGone;
import dev.wherry.proto.v1.PodStatus;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The master's side against a hand-driven agent over the in-process channel. */
class FleetServiceTest {
  private static final NodeName NODE = new NodeName("n1");

  private final Cluster cluster = new Cluster();
  private final ObjectAccess access = cluster.access();
  private final FleetService fleet =
      new FleetService(
          access,
          cluster::as,
          new Networks("10.42.0.0/16", "10.43.0.0/16"),
          InstantSource.system());
  private final List<AutoCloseable> open = new ArrayList<>();
  private String address = "";

  @BeforeEach
  void serve() throws Exception {
    address = "fleet-" + UUID.randomUUID();
    open.add(FleetServer.inProcess(address, NODE, fleet));
  }

  @AfterEach
  void close() throws Exception {
    fleet.close();
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    cluster.close();
  }

  /** An agent whose every word the test says. */
  private final class Agent implements StreamObserver<MasterMessage> {
    final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    final StreamObserver<AgentMessage> says;

    Agent(String name, Held... held) {
      ManagedChannel channel = InProcessChannelBuilder.forName(address).build();
      open.add(channel::shutdownNow);
      says = FleetGrpc.newStub(channel).session(this);
      Obj node =
          Samples.obj(
              """
              {'metadata':{'labels':{'kubernetes.io/os':'linux'}},
               'status':{'addresses':[{'type':'InternalIP','address':'192.0.2.1'}]}}\
              """);
      says.onNext(
          AgentMessage.newBuilder()
              .setHello(
                  Hello.newBuilder()
                      .setNodeName(name)
                      .setNode(ByteString.copyFrom(Smile.write(node)))
                      .addAllHeld(List.of(held)))
              .build());
    }

    @Override
    public void onNext(MasterMessage message) {
      heard.add(
          switch (message.getMessageCase()) {
            case WELCOME -> "welcome " + message.getWelcome().getPodCidr();
            case UPSERT -> {
              Obj object = Smile.read(message.getUpsert().getObject().toByteArray());
              yield "+" + message.getUpsert().getResource() + " " + Meta.of(object).name();
            }
            case REMOVE ->
                "-"
                    + message.getRemove().getResource()
                    + " "
                    + message.getRemove().getName().getName();
            case SYNCED -> "synced";
            case OPEN_TUNNEL -> "tunnel";
            case TOKEN_ANSWER -> "token";
            case MESSAGE_NOT_SET -> "?";
          });
    }

    @Override
    public void onError(Throwable t) {
      heard.add(Status.fromThrowable(t).getCode());
    }

    @Override
    public void onCompleted() {
      heard.add("completed");
    }

    Object next() throws InterruptedException {
      Object next = heard.poll(60, TimeUnit.SECONDS);
      assertThat(next).as("a message in time").isNotNull();
      return next;
    }

    void hears(Object... expected) throws InterruptedException {
      for (Object each : expected) {
        assertThat(next()).isEqualTo(each);
      }
    }

    void reports(Obj pod, String statusJson) {
      says.onNext(
          AgentMessage.newBuilder()
              .setPodStatus(
                  PodStatus.newBuilder()
                      .setPod(name(pod))
                      .setStatus(ByteString.copyFrom(Smile.write(Samples.obj(statusJson)))))
              .build());
    }
  }

  private static ObjectName name(Obj pod) {
    Meta meta = Meta.of(pod);
    return ObjectName.newBuilder()
        .setNamespace(meta.namespace())
        .setName(meta.name())
        .setUid(meta.uid())
        .build();
  }

  private static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static Obj withConfig(String pod, String node, String configMap) {
    return Samples.pod(pod, node)
        .change(
            "spec",
            spec ->
                spec.with(
                    "volumes",
                    List.of(Obj.of("name", "v", "configMap", Obj.of("name", configMap)))));
  }

  @Test
  void sendsJustWhatTheNodeNeedsThenSynced() throws Exception {
    access.create(GroupResource.CONFIG_MAPS, Samples.configMap("conf", "1"));
    access.create(GroupResource.CONFIG_MAPS, Samples.configMap("secretive", "1"));
    access.create(GroupResource.SERVICES, Samples.service("svc"));
    access.create(GroupResource.PODS, withConfig("mine", "n1", "conf"));
    access.create(GroupResource.PODS, withConfig("theirs", "n2", "secretive"));
    fleet.start();

    Agent agent = new Agent("n1");
    agent.hears(
        "welcome 10.42.0.0/24",
        "+nodes n1",
        "+services svc",
        "+configmaps conf",
        "+pods mine",
        "synced");

    access.create(GroupResource.PODS, Samples.pod("later", "n1"));
    agent.hears("+pods later");
    access.create(GroupResource.PODS, Samples.pod("foreign", "n2"));
    access.update(
        GroupResource.CONFIG_MAPS,
        access
            .get(GroupResource.CONFIG_MAPS, new ObjectKey("default", "conf"))
            .withAt("2", "data", "key"));
    agent.hears("+configmaps conf");
    access.delete(
        GroupResource.PODS,
        new ObjectKey("default", "mine"),
        DeleteOptions.DEFAULT.withGracePeriodSeconds(0));
    agent.hears("-pods mine", "-configmaps conf");
    assertThat(agent.heard).isEmpty();
  }

  @Test
  void registersTheNodeAndItsLease() throws Exception {
    fleet.start();
    new Agent("n1").hears("welcome 10.42.0.0/24", "+nodes n1", "synced");
    Obj node = access.get(GroupResource.NODES, new ObjectKey("", "n1"));
    assertThat(node.obj("spec").string("podCIDR")).isEqualTo("10.42.0.0/24");
    assertThat(Meta.of(node).labels())
        .containsEntry("kubernetes.io/os", "linux")
        .containsEntry("kubernetes.io/hostname", "n1");
    assertThat(
            access
                .get(GroupResource.LEASES, new ObjectKey("kube-node-lease", "n1"))
                .obj("spec")
                .string("holderIdentity"))
        .isEqualTo("n1");
    assertThat(fleet.heartbeats().lastSeen(NODE)).isPresent();
  }

  @Test
  void aReconnectSendsTheDifferenceAlone() throws Exception {
    Obj kept = access.create(GroupResource.SERVICES, Samples.service("kept"));
    Obj changed = access.create(GroupResource.SERVICES, Samples.service("changed"));
    Obj pod = access.create(GroupResource.PODS, Samples.pod("p", "n1"));
    fleet.start();
    Agent agent =
        new Agent(
            "n1",
            held("services", kept, Meta.of(kept).resourceVersion()),
            held("services", changed, "an older one"),
            held("services", Samples.service("gone"), "3"),
            held("pods", pod, Portion.podVersion(pod)),
            held("pods", Samples.pod("deleted-meanwhile", "n1"), "x"));
    agent.hears(
        "welcome 10.42.0.0/24",
        "-services gone",
        "-pods deleted-meanwhile",
        "+nodes n1",
        "+services changed",
        "synced");
  }

  private static Held held(String resource, Obj object, String version) {
    return Held.newBuilder()
        .setResource(resource)
        .setName(name(object))
        .setVersion(version)
        .build();
  }

  @Test
  void refusesAHelloForAnotherNode() throws Exception {
    fleet.start();
    new Agent("n2").hears(Status.Code.PERMISSION_DENIED);
    assertThatThrownBy(() -> access.get(GroupResource.NODES, new ObjectKey("", "n2")))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
  }

  @Test
  void writesStatusesOfItsOwnPodsAlone() throws Exception {
    Obj mine = access.create(GroupResource.PODS, Samples.pod("mine", "n1"));
    Obj theirs = access.create(GroupResource.PODS, Samples.pod("theirs", "n2"));
    ObjectKey key = ObjectKey.of(mine);
    fleet.start();
    Agent agent = new Agent("n1");
    agent.hears("welcome 10.42.0.0/24", "+nodes n1", "+pods mine", "synced");

    agent.reports(theirs, "{'phase':'Failed'}");
    agent.reports(mine.withAt("another", "metadata", "uid"), "{'phase':'Failed'}");
    agent.reports(mine, "{'phase':'Running'}");
    agent.reports(mine, "{'phase':'Running'}");
    agent.reports(mine, "{'phase':'Succeeded'}");
    until(
        "the last status is stored",
        () ->
            access.get(GroupResource.PODS, key).obj("status").string("phase").equals("Succeeded"));
    assertThat(access.get(GroupResource.PODS, ObjectKey.of(theirs)).obj("status").string("phase"))
        .isEqualTo("Pending");
    // One create, statuses that wait merge; a write is recorded a moment after it can be read.
    until("the write is recorded", () -> cluster.writes(GroupResource.PODS, key) >= 2);
    assertThat(cluster.writes(GroupResource.PODS, key)).isLessThanOrEqualTo(3);
    assertThat(agent.heard).as("its own status is no news to a node").isEmpty();
  }

  @Test
  void removesATerminatedPodWhenTheNodeSaysThatItIsGone() throws Exception {
    Obj pod = access.create(GroupResource.PODS, Samples.pod("p", "n1"));
    Obj running = access.create(GroupResource.PODS, Samples.pod("running", "n1"));
    fleet.start();
    Agent agent = new Agent("n1");
    agent.hears("welcome 10.42.0.0/24", "+nodes n1", "+pods p", "+pods running", "synced");
    access.delete(GroupResource.PODS, ObjectKey.of(pod), DeleteOptions.DEFAULT);
    agent.hears("+pods p");
    for (Obj each : List.of(running, pod)) {
      agent.says.onNext(
          AgentMessage.newBuilder().setPodGone(PodGone.newBuilder().setPod(name(each))).build());
    }
    agent.hears("-pods p");
    assertThat(access.get(GroupResource.PODS, ObjectKey.of(running))).isNotNull();
  }

  @Test
  void heartbeatsAndUnchangedNodeStatusesAreNotWritten() throws Exception {
    fleet.start();
    Agent agent = new Agent("n1");
    agent.hears("welcome 10.42.0.0/24", "+nodes n1", "synced");
    ObjectKey key = new ObjectKey("", "n1");
    int before = cluster.writes(GroupResource.NODES, key);
    for (int beat = 0; beat < 50; beat++) {
      agent.says.onNext(
          AgentMessage.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build());
      Obj status =
          Samples.obj(
              "{'addresses':[{'type':'InternalIP','address':'192.0.2.1'}],"
                  + "'conditions':[{'type':'Ready','status':'True','lastHeartbeatTime':'2026-01-01T00:00:"
                  + String.format("%02d", beat)
                  + "Z'}]}");
      agent.says.onNext(
          AgentMessage.newBuilder()
              .setNodeStatus(
                  NodeStatus.newBuilder().setStatus(ByteString.copyFrom(Smile.write(status))))
              .build());
    }
    until(
        "the node is ready",
        () -> !access.get(GroupResource.NODES, key).obj("status").objs("conditions").isEmpty());
    agent.says.onCompleted();
    agent.hears(Status.Code.CANCELLED);
    assertThat(cluster.writes(GroupResource.NODES, key)).isEqualTo(before + 1);
    assertThat(cluster.writes(GroupResource.LEASES, new ObjectKey("kube-node-lease", "n1")))
        .isEqualTo(1);
  }

  @Test
  void aNewerSessionReplacesTheOlder() throws Exception {
    fleet.start();
    Agent first = new Agent("n1");
    first.hears("welcome 10.42.0.0/24", "+nodes n1", "synced");
    Agent second = new Agent("n1");
    second.hears("welcome 10.42.0.0/24", "+nodes n1", "synced");
    first.hears(Status.Code.ABORTED);
    access.create(GroupResource.PODS, Samples.pod("p", "n1"));
    second.hears("+pods p");
    assertThat(fleet.isConnected(NODE)).isTrue();
  }

  @Test
  void aDeletedNodeLosesItsSession() throws Exception {
    fleet.start();
    Agent agent = new Agent("n1");
    agent.hears("welcome 10.42.0.0/24", "+nodes n1", "synced");
    access.delete(GroupResource.NODES, new ObjectKey("", "n1"), DeleteOptions.DEFAULT);
    // The end may come before the news of the node itself.
    Object heard = agent.next();
    assertThat(heard.equals("-nodes n1") ? agent.next() : heard).isEqualTo(Status.Code.NOT_FOUND);
    until("the session is forgotten", () -> !fleet.isConnected(NODE));
    assertThat(fleet.heartbeats().lastSeen(NODE)).isEmpty();
  }

  @Test
  void podsMadeAnewUnderTheSameNameAreToldAsTwo() throws Exception {
    fleet.start();
    Agent agent = new Agent("n1");
    agent.hears("welcome 10.42.0.0/24", "+nodes n1", "synced");
    Obj pod = Samples.pod("web-0", "n1");
    access.create(GroupResource.PODS, pod);
    agent.hears("+pods web-0");
    access.delete(
        GroupResource.PODS, ObjectKey.of(pod), DeleteOptions.DEFAULT.withGracePeriodSeconds(0));
    access.create(GroupResource.PODS, pod.withAt("uid-2", "metadata", "uid"));
    agent.hears("-pods web-0", "+pods web-0");
  }
}
