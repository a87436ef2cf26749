package dev.wherry.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.sync.EventRecorder;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkEventsTest {
  private static final ObjectKey CALLS = new ObjectKey("default", "calls");

  private final DesiredState desired = new DesiredState();
  private final List<String> said = new ArrayList<>();
  private final NetworkEvents events = new NetworkEvents(desired);

  /** Events as lines: kind, name, uid, type, reason, message. */
  private final class Lines implements Reports {
    @Override
    public void event(Obj event) {
      Obj about = event.obj("involvedObject");
      said.add(
          String.join(
              " ",
              about.string("kind"),
              event.obj("metadata").string("namespace") + "/" + about.string("name"),
              about.string("uid"),
              event.string("type"),
              event.string("reason"),
              event.string("message")));
    }

    @Override
    public void podStatus(ObjectKey pod, PodUid uid, Obj status) {}

    @Override
    public void podGone(ObjectKey pod, PodUid uid) {}

    @Override
    public void nodeStatus(Obj status) {}

    @Override
    public void usage(NodeUsage usage) {}
  }

  private void start() {
    events.start(new EventRecorder(new Lines(), "n", InstantSource.fixed(Instant.EPOCH)));
  }

  private void put(Resource resource, String name) {
    desired.upsert(
        resource,
        Obj.of("metadata", Obj.of("namespace", "default", "name", name, "uid", "uid-" + name)));
  }

  @Test
  void whatIsSaidBeforeAnybodyHearsWaits() {
    put(Resource.SERVICES, "calls");
    events.service(CALLS, "first");
    assertThat(said).isEmpty();
    start();
    events.service(CALLS, "second");
    assertThat(said)
        .containsExactly(
            "Service default/calls uid-calls Warning UnsupportedProtocol first",
            "Service default/calls uid-calls Warning UnsupportedProtocol second");
  }

  @Test
  void theLastOfTooManyWait() {
    put(Resource.SERVICES, "calls");
    for (int i = 0; i <= NetworkEvents.MAX_WAITING; i++) {
      events.service(CALLS, "message " + i);
    }
    start();
    assertThat(said).hasSize(NetworkEvents.MAX_WAITING);
    assertThat(said.getFirst()).endsWith("message 1");
  }

  @Test
  void nothingIsSaidOfAServiceThatIsNotThere() {
    start();
    events.service(CALLS, "late");
    assertThat(said).isEmpty();
  }

  @Test
  void everyPolicyIsToldOf() {
    put(Resource.NETWORK_POLICIES, "old");
    start();
    events.policies("not here");
    put(Resource.NETWORK_POLICIES, "new");
    put(Resource.SERVICES, "calls");
    desired.remove(Resource.NETWORK_POLICIES, new ObjectKey("default", "old"));
    assertThat(said)
        .containsExactly(
            "NetworkPolicy default/old uid-old Warning NotEnforced not here",
            "NetworkPolicy default/new uid-new Warning NotEnforced not here");
  }
}
