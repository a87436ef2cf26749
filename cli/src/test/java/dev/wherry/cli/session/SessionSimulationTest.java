package dev.wherry.cli.session;

import static dev.wherry.cli.session.Waiting.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.Channels;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.proto.v1.AgentMessage;
import dev.wherry.proto.v1.FleetGrpc;
import dev.wherry.proto.v1.MasterMessage;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionSimulationTest {
  private final SimulatedMaster master = new SimulatedMaster("n1", "n2", "n3");
  private final Map<String, CutChannels> channels = new HashMap<>();
  private final List<SimulatedAgent> agents = new ArrayList<>();

  private SimulatedAgent agent(String name) {
    CutChannels cut = new CutChannels(Channels.inProcess(master.address(new NodeName(name))));
    channels.put(name, cut);
    NoStreams none = new NoStreams();
    SimulatedAgent agent = new SimulatedAgent(name, cut, none, none);
    agents.add(agent);
    return agent;
  }

  private CutChannels way(String node) {
    return Objects.requireNonNull(channels.get(node));
  }

  @AfterEach
  void close() {
    agents.forEach(SimulatedAgent::close);
    master.close();
  }

  private String phase(String pod) {
    return master
        .find(GroupResource.PODS, new ObjectKey("default", pod))
        .map(found -> found.obj("status").string("phase"))
        .orElse("gone");
  }

  @Test
  void podsReachTheirNodeAndTheirStatusTheMaster() {
    SimulatedAgent one = agent("n1");
    SimulatedAgent two = agent("n2");
    master.createPod("a", "n1");
    master.createPod("b", "n2");
    until("both run", () -> phase("a").equals("Running") && phase("b").equals("Running"));
    assertThat(one.podNames()).containsExactly("a");
    assertThat(two.podNames()).containsExactly("b");
    assertThat(one.desired.networks().podCidr()).endsWith("/24");
    assertThat(one.desired.all(Resource.NODES))
        .extracting(node -> Meta.of(node).name())
        .containsExactlyInAnyOrder("n1", "n2");
    delete("a", 1);
    until("a is gone", () -> phase("a").equals("gone") && one.podNames().isEmpty());
  }

  @Test
  void whatIsReportedWhileTheMasterIsAwayArrivesWhenItIsBack() {
    SimulatedAgent agent = agent("n1");
    Obj pod = master.createPod("a", "n1");
    until("it runs", () -> phase("a").equals("Running"));
    master.stop();
    until("the session is over", () -> !agent.link().isConnected());
    agent
        .link()
        .reports()
        .podStatus(
            ObjectKey.of(pod), new PodUid(Meta.of(pod).uid()), SimulatedAgent.status("Succeeded"));
    master.startAgain();
    until("the last word arrived", () -> phase("a").equals("Succeeded"));
    assertThat(agent.starts).as("nothing was started again").hasSize(1);
    assertThat(agent.podNames()).containsExactly("a");
  }

  @Test
  void aRestartOfTheMasterNeitherEndsNorRestartsPods() {
    SimulatedAgent agent = agent("n1");
    for (int i = 0; i < 20; i++) {
      master.createPod("p" + i, "n1");
    }
    until("all run", () -> agent.running.size() == 20);
    for (int restart = 0; restart < 5; restart++) {
      master.stop();
      master.startAgain();
      until("a new session", () -> master.fleet().isConnected(agent.node));
      String extra = "extra" + restart;
      master.createPod(extra, "n1");
      until("it goes on", () -> phase(extra).equals("Running"));
    }
    assertThat(agent.running).hasSize(25);
    assertThat(agent.starts).hasSize(25);
  }

  @Test
  void podsDeletedByForceWhileTheNodeIsAwayAreNotWantedAfterwards() {
    SimulatedAgent agent = agent("n1");
    master.createPod("a", "n1");
    master.createPod("b", "n1");
    until("both run", () -> agent.running.size() == 2);
    way("n1").sever();
    delete("a", 0);
    way("n1").mend();
    until("a is stopped", () -> agent.podNames().equals(List.of("b")));
    assertThat(agent.running).hasSize(1);
    assertThat(agent.starts).hasSize(2);
  }

  /** A call can begin on a transport that is just ending: then nobody ever answers it. */
  @Test
  void aHelloThatNobodyAnswersIsSaidAgain() throws IOException {
    Server mute =
        InProcessServerBuilder.forName("mute")
            .addService(
                new FleetGrpc.FleetImplBase() {
                  @Override
                  public StreamObserver<AgentMessage> session(StreamObserver<MasterMessage> out) {
                    return new Mute();
                  }
                })
            .build()
            .start();
    connectsAfter(Channels.inProcess("mute"));
    mute.shutdownNow();
  }

  /** Such a call may even be lost: it does not end when it is cancelled. */
  @Test
  void aSessionWhoseCallIsLostIsBegunAgain() {
    connectsAfter(() -> InProcessChannelBuilder.forName("lost").intercept(new Losing()).build());
  }

  /** An agent whose first channel is this one is welcome by its second. */
  private void connectsAfter(ChannelSource first) {
    ChannelSource spoken = Channels.inProcess(master.address(new NodeName("n1")));
    AtomicInteger calls = new AtomicInteger();
    NoStreams none = new NoStreams();
    SimulatedAgent agent =
        new SimulatedAgent(
            "n1", () -> (calls.incrementAndGet() == 1 ? first : spoken).open(), none, none);
    agents.add(agent);
    until("the agent is welcome", () -> agent.link().isConnected());
    assertThat(calls).hasValue(2);
  }

  /** Loses all calls: nothing is said, and nobody is told of anything. */
  private static final class Losing implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new ClientCall<>() {
        @Override
        public void start(Listener<A> listener, Metadata headers) {}

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
      };
    }
  }

  private static final class Mute implements StreamObserver<AgentMessage> {
    @Override
    public void onNext(AgentMessage message) {}

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {}
  }

  /** Random work under a transport that breaks at random: all is well once the faults stop. */
  @Test
  void convergesOnceTheFaultsStop() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> names = List.of("n1", "n2", "n3");
    names.forEach(this::agent);
    for (int step = 0; step < 400; step++) {
      String pod = "p" + random.nextInt(40);
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> {
          if (phase(pod).equals("gone")) {
            master.createPod(pod, names.get(random.nextInt(3)));
          }
        }
        case 4, 5, 6 -> {
          if (!phase(pod).equals("gone")) {
            delete(pod, random.nextInt(4) == 0 ? 0 : 5);
          }
        }
        case 7, 8 -> way(names.get(random.nextInt(3))).cut();
        default -> {
          if (random.nextInt(10) == 0) {
            master.stop();
            master.startAgain();
          }
        }
      }
      LockSupport.parkNanos(random.nextInt(2_000_000));
    }
    try {
      until("converged, seed " + seed, this::converged);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ": " + describe(), e);
    }
    for (SimulatedAgent agent : agents) {
      assertThat(agent.foreign).as("seed %d", seed).isEmpty();
      assertThat(new HashSet<>(agent.starts)).as("seed %d", seed).hasSameSizeAs(agent.starts);
    }
  }

  private void delete(String pod, int graceSeconds) {
    try {
      master
          .access()
          .delete(
              GroupResource.PODS,
              new ObjectKey("default", pod),
              DeleteOptions.DEFAULT.withGracePeriodSeconds(graceSeconds));
    } catch (StatusException e) {
      assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND);
    }
  }

  private String describe() {
    StringBuilder text = new StringBuilder();
    for (Obj pod : master.pods()) {
      Meta meta = Meta.of(pod);
      text.append(meta.name())
          .append(' ')
          .append(meta.uid())
          .append(' ')
          .append(pod.obj("spec").string("nodeName"))
          .append(meta.isTerminating() ? " terminating " : " ")
          .append(pod.obj("status").string("phase"))
          .append('\n');
    }
    for (SimulatedAgent agent : agents) {
      text.append(agent.node)
          .append(agent.link().isConnected() ? " connected " : " away ")
          .append(agent.running)
          .append('\n');
    }
    return text.toString();
  }

  private boolean converged() {
    Map<String, Set<String>> wanted = new HashMap<>();
    for (Obj pod : master.pods()) {
      if (Meta.of(pod).isTerminating() || !pod.obj("status").string("phase").equals("Running")) {
        return false;
      }
      wanted
          .computeIfAbsent(pod.obj("spec").string("nodeName"), _ -> new HashSet<>())
          .add(Meta.of(pod).uid());
    }
    return agents.stream()
        .allMatch(agent -> agent.running.equals(wanted.getOrDefault(agent.node.text(), Set.of())));
  }
}
