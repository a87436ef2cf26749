package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static dev.wherry.master.access.TestCluster.configMap;
import static dev.wherry.master.access.TestCluster.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final int WAIT_SECONDS = 10;

  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  /** Takes events and hands them out one by one as {@code TYPE name}. */
  private static final class Transcript implements ObjectWatch.Listener {
    private final BlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();

    @Override
    public void onEvents(List<WatchEvent> batch) {
      events.addAll(batch);
    }

    WatchEvent next() throws InterruptedException {
      WatchEvent event = events.poll(WAIT_SECONDS, TimeUnit.SECONDS);
      assertThat(event).as("an event within %s s", WAIT_SECONDS).isNotNull();
      return java.util.Objects.requireNonNull(event);
    }

    String line() throws InterruptedException {
      WatchEvent event = next();
      return event.getClass().getSimpleName() + " " + Meta.of(event.object()).name();
    }
  }

  private ObjectWatch watch(ListOptions options, ObjectWatch.Listener listener) {
    return objects.watch(CONFIG_MAPS, "default", options, listener);
  }

  @Test
  void beginsWithWhatThereIsAndSaysWhereThatEnds() throws InterruptedException {
    objects.create(CONFIG_MAPS, configMap("a"));
    objects.create(CONFIG_MAPS, configMap("b"));
    Transcript transcript = new Transcript();
    try (ObjectWatch watch = watch(ListOptions.ALL, transcript)) {
      assertThat(transcript.line()).isEqualTo("Added a");
      assertThat(transcript.line()).isEqualTo("Added b");
      WatchEvent end = transcript.next();
      assertThat(end).isInstanceOf(WatchEvent.Bookmark.class);
      assertThat(Meta.of(end.object()).annotations())
          .containsEntry("k8s.io/initial-events-end", "true");
      Obj c = objects.create(CONFIG_MAPS, configMap("c"));
      assertThat(transcript.next()).isEqualTo(new WatchEvent.Added(c));
      watch.requestBookmark();
      assertThat(Long.parseLong(Meta.of(transcript.next().object()).resourceVersion()))
          .isGreaterThanOrEqualTo(Long.parseLong(Meta.of(c).resourceVersion()));
    }
  }

  @Test
  void tellsEachChangeAfterARevision() throws InterruptedException {
    Obj a = objects.create(CONFIG_MAPS, configMap("a"));
    Obj changed = objects.update(CONFIG_MAPS, a.withAt("2", "data", "a"));
    Transcript transcript = new Transcript();
    try (ObjectWatch _ =
        watch(ListOptions.ALL.withResourceVersion(Meta.of(a).resourceVersion()), transcript)) {
      assertThat(transcript.next()).isEqualTo(new WatchEvent.Modified(changed, a));
      Obj gone = objects.delete(CONFIG_MAPS, key("a"), DeleteOptions.DEFAULT);
      assertThat(transcript.next()).isEqualTo(new WatchEvent.Deleted(gone));
      assertThat(Long.parseLong(Meta.of(gone).resourceVersion()))
          .isGreaterThan(Long.parseLong(Meta.of(changed).resourceVersion()));
    }
  }

  @Test
  void objectsEnterAndLeaveASelection() throws InterruptedException {
    Obj a = objects.create(CONFIG_MAPS, configMap("a"));
    Transcript transcript = new Transcript();
    ListOptions chosen =
        ListOptions.ALL
            .withLabels(LabelSelector.parse("tier=web"))
            .withFields("metadata.name!=z")
            .withResourceVersion(Meta.of(a).resourceVersion());
    try (ObjectWatch _ = watch(chosen, transcript)) {
      Obj labelled = objects.update(CONFIG_MAPS, a.withAt("web", "metadata", "labels", "tier"));
      assertThat(transcript.line()).isEqualTo("Added a");
      Obj other = objects.update(CONFIG_MAPS, labelled.withAt("2", "data", "a"));
      assertThat(transcript.line()).isEqualTo("Modified a");
      Obj left = objects.update(CONFIG_MAPS, other.withAt("db", "metadata", "labels", "tier"));
      WatchEvent event = transcript.next();
      assertThat(event).isInstanceOf(WatchEvent.Deleted.class);
      assertThat(Meta.of(event.object()).resourceVersion())
          .isEqualTo(Meta.of(left).resourceVersion());
      assertThat(Meta.of(event.object()).labels()).containsEntry("tier", "web");
    }
  }

  @Test
  void goesOnFromOldRevisionsThroughTheHistory() throws InterruptedException {
    Obj first = objects.create(CONFIG_MAPS, configMap("counter"));
    Obj last = first;
    int changes = 1500; // more than are kept decoded
    for (int i = 0; i < changes; i++) {
      last = objects.update(CONFIG_MAPS, last.withAt("v" + i, "data", "a"));
    }
    Transcript transcript = new Transcript();
    try (ObjectWatch _ =
        watch(ListOptions.ALL.withResourceVersion(Meta.of(first).resourceVersion()), transcript)) {
      for (int i = 0; i < changes; i++) {
        assertThat(transcript.next().object().obj("data").string("a")).isEqualTo("v" + i);
      }
      objects.update(CONFIG_MAPS, last.withAt("end", "data", "a"));
      assertThat(transcript.next().object().obj("data").string("a")).isEqualTo("end");
      assertThat(transcript.events).isEmpty();
    }
  }

  @Test
  void resumesAfterARestartOfTheRegistry() throws InterruptedException {
    Obj first = objects.create(CONFIG_MAPS, configMap("a"));
    Obj second = objects.update(CONFIG_MAPS, first.withAt("2", "data", "a"));
    try (Entrance again =
        Entrance.open(cluster.store, ClusterNetwork.DEFAULT, Instant::now, Audit.NONE)) {
      Transcript transcript = new Transcript();
      ObjectAccess reopened = again.as(Identity.MASTER);
      assertThat(reopened.get(CONFIG_MAPS, key("a"))).isEqualTo(second);
      try (ObjectWatch _ =
          reopened.watch(
              CONFIG_MAPS,
              "",
              ListOptions.ALL.withResourceVersion(Meta.of(first).resourceVersion()),
              transcript)) {
        assertThat(transcript.next()).isEqualTo(new WatchEvent.Modified(second, first));
        Obj third = reopened.update(CONFIG_MAPS, second.withAt("3", "data", "a"));
        assertThat(transcript.next()).isEqualTo(new WatchEvent.Modified(third, second));
      }
    }
  }

  @Test
  void watchersMissNothingWhileManyWrite() throws InterruptedException {
    int writers = 8;
    int each = 40;
    List<Transcript> transcripts = new ArrayList<>();
    List<ObjectWatch> watches = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(writers);
    for (int w = 0; w < writers; w++) {
      String name = "w" + w;
      Thread.ofVirtual()
          .start(
              () -> {
                Obj object = objects.create(CONFIG_MAPS, configMap(name));
                for (int i = 1; i < each; i++) {
                  object = objects.update(CONFIG_MAPS, object.withAt("" + i, "data", "a"));
                }
                done.countDown();
              });
      Transcript transcript = new Transcript();
      transcripts.add(transcript);
      watches.add(watch(ListOptions.ALL, transcript));
    }
    assertThat(done.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    long end = Long.parseLong(objects.list(CONFIG_MAPS, "", ListOptions.ALL).resourceVersion());
    for (Transcript transcript : transcripts) {
      check(transcript, end);
    }
    watches.forEach(ObjectWatch::close);
  }

  /** Every object's versions come in order, each from the one before. */
  private static void check(Transcript transcript, long end) throws InterruptedException {
    java.util.Map<String, Obj> held = new java.util.HashMap<>();
    for (long revision = 0; revision < end; ) {
      WatchEvent event = transcript.next();
      String name = Meta.of(event.object()).name();
      revision = Math.max(revision, Long.parseLong(Meta.of(event.object()).resourceVersion()));
      switch (event) {
        case WatchEvent.Added added -> assertThat(held.put(name, added.object())).isNull();
        case WatchEvent.Modified modified ->
            assertThat(held.put(name, modified.object())).isEqualTo(modified.previous());
        case WatchEvent.Deleted _ -> assertThat(held.remove(name)).isNotNull();
        case WatchEvent.Bookmark _ -> {}
      }
    }
    assertThat(held).hasSize(8);
  }

  @Test
  void aRevisionOfTheFutureTimesOutAndRubbishIsRefused() {
    assertThatThrownBy(
            () -> watch(ListOptions.ALL.withResourceVersion("999999999"), new Transcript()))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT))
        .hasMessageContaining("Too large resource version");
    assertThatThrownBy(() -> watch(ListOptions.ALL.withResourceVersion("x"), new Transcript()))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST));
  }

  @Test
  void aFailingListenerIsClosedAndHarmsNobody() throws InterruptedException {
    Transcript transcript = new Transcript();
    List<WatchEvent> seen = new ArrayList<>();
    try (ObjectWatch _ =
            watch(
                ListOptions.ALL,
                events -> {
                  seen.addAll(events);
                  throw new IllegalStateException("on purpose");
                });
        ObjectWatch _ = watch(ListOptions.ALL, transcript)) {
      objects.create(CONFIG_MAPS, configMap("a"));
      objects.create(CONFIG_MAPS, configMap("b"));
      transcript.next();
      assertThat(transcript.line()).isEqualTo("Added a");
      assertThat(transcript.line()).isEqualTo("Added b");
      assertThat(seen).hasSize(1);
    }
  }
}
