package dev.wherry.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.link.Mirrors.Action;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.proto.v1.ObjectName;
import java.util.List;
import org.junit.jupiter.api.Test;

class MirrorsTest {
  private static final ObjectKey KEY = new ObjectKey("default", "web-edge");
  private static final Obj OWN =
      Json.read(
          """
          {"metadata":{"name":"web-edge","namespace":"default","uid":"h1",
            "annotations":{"kubernetes.io/config.hash":"h1","kubernetes.io/config.source":"file"}},
           "spec":{"nodeName":"edge"},"status":{"phase":"Pending"}}
          """);

  private final DesiredState desired = new DesiredState();
  private final Mirrors mirrors = new Mirrors(desired);

  private Obj mirror(String uid, String hash) {
    return OWN.withAt(uid, "metadata", "uid")
        .withAt(hash, "metadata", "annotations", Mirrors.MIRROR);
  }

  @Test
  void makesTheMirrorThatLacksOnceTheMasterHasSaidAll() {
    desired.ownPod(OWN);
    assertThat(mirrors.plan(KEY)).isInstanceOf(Action.Nothing.class);
    mirrors.synced(List.of());
    assertThat(mirrors.plan(KEY))
        .isInstanceOfSatisfying(
            Action.Make.class,
            make -> {
              assertThat(Mirrors.isMirror(make.mirror())).isTrue();
              assertThat(make.mirror().obj("metadata").has("uid")).isFalse();
              assertThat(make.mirror().has("status")).isFalse();
            });
  }

  @Test
  void leavesAFittingMirrorAndRemovesAnother() {
    desired.ownPod(OWN);
    mirrors.synced(List.of());
    mirrors.upsert(mirror("m1", "h1"));
    assertThat(mirrors.plan(KEY)).isEqualTo(new Action.Nothing());
    mirrors.upsert(mirror("m1", "h0"));
    assertThat(mirrors.plan(KEY)).isEqualTo(new Action.Remove(new PodUid("m1")));
    mirrors.upsert(
        mirror("m2", "h1").withAt("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp"));
    assertThat(mirrors.plan(KEY)).isEqualTo(new Action.Remove(new PodUid("m2")));
    mirrors.remove(KEY);
    assertThat(mirrors.plan(KEY)).isInstanceOf(Action.Make.class);
    desired.removeOwnPod(KEY);
    assertThat(mirrors.plan(KEY)).isEqualTo(new Action.Nothing());
    mirrors.upsert(mirror("m3", "h1"));
    assertThat(mirrors.plan(KEY)).isEqualTo(new Action.Remove(new PodUid("m3")));
  }

  @Test
  void knowsAPodByBothItsUids() {
    desired.ownPod(OWN);
    assertThat(mirrors.toMaster(KEY, new PodUid("h1"))).isEmpty();
    mirrors.upsert(mirror("m1", "h1"));
    assertThat(mirrors.toMaster(KEY, new PodUid("h1"))).contains(new PodUid("m1"));
    assertThat(mirrors.toMaster(new ObjectKey("default", "x"), new PodUid("u")))
        .contains(new PodUid("u"));
    assertThat(mirrors.toNode(ObjectName.newBuilder().setUid("m1").build()).getUid())
        .isEqualTo("h1");
    assertThat(mirrors.toNode(ObjectName.newBuilder().setUid("u").build()).getUid()).isEqualTo("u");
  }
}
