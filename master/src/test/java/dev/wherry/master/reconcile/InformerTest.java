package dev.wherry.master.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InformerTest {
  private final ScriptedAccess access = new ScriptedAccess();
  private final Informer informer = new Informer(access, GroupResource.PODS);
  private final Informer.Index byNode =
      informer.index(pod -> List.of(pod.obj("spec").string("nodeName")));
  private final List<String> told = new ArrayList<>();

  InformerTest() {
    informer.listen(
        change -> {
          Meta meta = Meta.of(change.object());
          told.add(change.getClass().getSimpleName() + " " + meta.name() + meta.resourceVersion());
        });
  }

  private static Obj pod(String name, String uid, long version, String node) {
    return Obj.of(
        "metadata",
        Obj.of("namespace", "n", "name", name, "uid", uid, "resourceVersion", "" + version),
        "spec",
        Obj.of("nodeName", node));
  }

  private static ObjectKey key(String name) {
    return new ObjectKey("n", name);
  }

  private void startWith(long version, Obj... pods) {
    access.lists.add(new ObjectList(List.of(pods), "" + version, "", 0));
    informer.start();
  }

  @Test
  void listsThenWatchesFromThere() {
    Obj a = pod("a", "1", 4, "x");
    startWith(7, a);
    assertThat(access.watchedFrom).containsExactly("7");
    assertThat(informer.get(key("a"))).containsSame(a);
    Obj moved = pod("a", "1", 8, "y");
    access.send(new WatchEvent.Modified(moved, a), new WatchEvent.Added(pod("b", "2", 9, "y")));
    assertThat(byNode.get("x")).isEmpty();
    assertThat(byNode.get("y")).hasSize(2).contains(moved);
    access.send(new WatchEvent.Deleted(pod("a", "1", 10, "y")));
    assertThat(byNode.get("y")).hasSize(1);
    assertThat(told).containsExactly("Added a4", "Modified a8", "Added b9", "Removed a8");
  }

  @Test
  void listsAgainWhenTheWatchExpired() {
    access.expiredWatches = 1;
    access.lists.add(
        new ObjectList(List.of(pod("a", "1", 1, ""), pod("b", "2", 2, "")), "2", "", 0));
    startWith(9, pod("b", "2", 2, ""), pod("c", "3", 8, ""));
    assertThat(access.watchedFrom).containsExactly("2", "9");
    assertThat(informer.get(key("a"))).isEmpty();
    assertThat(told).containsExactly("Added a1", "Added b2", "Added c8", "Removed a1");
  }

  @Test
  void showsItsOwnWritesBeforeTheWatchTellsOfThem() {
    startWith(1);
    Obj made = pod("a", "1", 5, "");
    informer.wrote(made);
    assertThat(informer.get(key("a"))).containsSame(made);
    access.send(new WatchEvent.Added(pod("a", "1", 5, "")));
    assertThat(told).containsExactly("Added a5");
  }

  @Test
  void doesNotBringBackWhatWasDeletedBeforeTheWriterCameToTellOfIt() {
    startWith(1);
    Obj made = pod("a", "1", 5, "");
    access.send(new WatchEvent.Added(made), new WatchEvent.Deleted(pod("a", "1", 6, "")));
    informer.wrote(made);
    assertThat(informer.get(key("a"))).isEmpty();
  }

  @Test
  void ignoresAnOlderEventThanItsOwnWrite() {
    startWith(1, pod("a", "1", 1, ""));
    informer.wrote(pod("a", "1", 9, "x"));
    access.send(new WatchEvent.Modified(pod("a", "1", 4, "y"), pod("a", "1", 1, "")));
    assertThat(byNode.get("x")).hasSize(1);
    assertThat(byNode.get("y")).isEmpty();
  }

  @Test
  void keepsWhatItDeletedItselfOutAlthoughOldEventsArrive() {
    startWith(1, pod("a", "1", 1, ""));
    informer.deletedByUs(pod("a", "1", 1, ""));
    assertThat(informer.get(key("a"))).isEmpty();
    access.send(new WatchEvent.Modified(pod("a", "1", 3, ""), pod("a", "1", 1, "")));
    assertThat(informer.get(key("a"))).isEmpty();
    access.send(
        new WatchEvent.Deleted(pod("a", "1", 4, "")), new WatchEvent.Added(pod("a", "2", 5, "")));
    assertThat(informer.get(key("a")).map(pod -> Meta.of(pod).uid())).contains("2");
  }

  @Test
  void goesOnWhenAListenerFails() {
    Informer fragile = new Informer(access, GroupResource.PODS);
    fragile.listen(
        _ -> {
          throw new IllegalStateException("a listener's fault");
        });
    access.lists.add(new ObjectList(List.of(pod("a", "1", 1, "")), "1", "", 0));
    fragile.start();
    access.send(new WatchEvent.Added(pod("b", "2", 2, "")));
    assertThat(fragile.all()).hasSize(2);
  }
}
