package dev.wherry.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.proto.v1.AgentMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is kept for a master that has been away for long. */
class OutboxTest {
  private static final int LONG = 10_000;
  private static final ObjectKey WEB = new ObjectKey("default", "web");
  private static final ObjectKey OLD = new ObjectKey("default", "old");
  private static final PodUid WEB_UID = new PodUid("u-1");
  private static final PodUid OLD_UID = new PodUid("u-2");

  private final Set<PodUid> known = new HashSet<>(Set.of(WEB_UID, OLD_UID));
  private final Outbox outbox =
      new Outbox((_, uid) -> known.contains(uid), (_, uid) -> Optional.of(uid));

  private List<AgentMessage> said() throws InterruptedException {
    List<AgentMessage> all = new ArrayList<>();
    while (true) {
      Optional<AgentMessage> next = outbox.await(0, () -> false, () -> false);
      if (next.isEmpty()) {
        return all;
      }
      all.add(next.get());
    }
  }

  private static Obj read(ByteString bytes) {
    return Smile.read(bytes.toByteArray());
  }

  @Test
  void ofALongAbsenceTheLastWordsAndTheLatestEventsAreSaid() throws Exception {
    for (int i = 0; i < LONG; i++) {
      outbox.podStatus(WEB, WEB_UID, Obj.of("restartCount", i));
      outbox.nodeStatus(Obj.of("look", i));
      outbox.event(Obj.of("number", i));
    }
    outbox.restart();

    List<AgentMessage> said = said();
    assertThat(said).hasSize(2 + Outbox.MAX_EVENTS);
    assertThat(read(said.getFirst().getNodeStatus().getStatus())).isEqualTo(Obj.of("look", 9999));
    assertThat(read(said.get(1).getPodStatus().getStatus()))
        .isEqualTo(Obj.of("restartCount", 9999));
    assertThat(read(said.get(2).getEvent().getEvent()))
        .isEqualTo(Obj.of("number", LONG - Outbox.MAX_EVENTS));
    assertThat(read(said.getLast().getEvent().getEvent())).isEqualTo(Obj.of("number", LONG - 1));
  }

  @Test
  void theNextSessionHearsAllStatusesAgainButNoEventTwice() throws Exception {
    outbox.podStatus(WEB, WEB_UID, Obj.of("phase", "Running"));
    outbox.event(Obj.of("number", 1));
    assertThat(said()).hasSize(2);
    assertThat(said()).as("nothing new").isEmpty();

    outbox.restart();
    assertThat(said()).singleElement().matches(AgentMessage::hasPodStatus);
  }

  @Test
  void podsThatTheMasterRemovedMeanwhileAreNotSpokenOf() throws Exception {
    outbox.podStatus(WEB, WEB_UID, Obj.of("phase", "Running"));
    outbox.podStatus(OLD, OLD_UID, Obj.of("phase", "Running"));
    outbox.podGone(OLD, OLD_UID);
    known.remove(OLD_UID);
    outbox.restart();

    assertThat(said())
        .singleElement()
        .satisfies(
            each -> assertThat(each.getPodStatus().getPod().getUid()).isEqualTo(WEB_UID.text()));
  }
}
