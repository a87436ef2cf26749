package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static dev.wherry.api.object.GroupResource.PODS;
import static dev.wherry.master.access.TestCluster.configMap;
import static dev.wherry.master.access.TestCluster.key;
import static dev.wherry.master.access.TestCluster.pod;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.store.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListTest {
  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @BeforeEach
  void fill() {
    objects.create(
        dev.wherry.api.object.GroupResource.NAMESPACES,
        TestCluster.json("{'metadata':{'name':'default-b'}}"));
    for (int i = 0; i < 10; i++) {
      objects.create(
          CONFIG_MAPS, configMap("m" + i).withAt("" + i % 2, "metadata", "labels", "odd"));
    }
    objects.create(CONFIG_MAPS, configMap("other").withAt("default-b", "metadata", "namespace"));
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static ListOptions page(int limit, String token) {
    return new ListOptions(LabelSelector.EVERYTHING, "", limit, token, "", "");
  }

  private static List<String> names(List<Obj> items) {
    return items.stream().map(each -> Meta.of(each).name()).toList();
  }

  @Test
  void pagesShowOneRevisionWhateverIsWrittenMeanwhile() {
    List<Obj> whole = objects.list(CONFIG_MAPS, "", ListOptions.ALL).items();
    List<Obj> seen = new ArrayList<>();
    ObjectList first = objects.list(CONFIG_MAPS, "", page(3, ""));
    assertThat(first.remaining()).isEqualTo(8);
    seen.addAll(first.items());
    String token = first.continueToken();
    int round = 0;
    while (!token.isEmpty()) {
      objects.delete(CONFIG_MAPS, key("m" + (9 - round)), DeleteOptions.DEFAULT);
      objects.create(CONFIG_MAPS, configMap("new" + round++));
      ObjectList next = objects.list(CONFIG_MAPS, "", page(3, token));
      assertThat(next.resourceVersion()).isEqualTo(first.resourceVersion());
      seen.addAll(next.items());
      token = next.continueToken();
    }
    assertThat(seen).containsExactlyElementsOf(whole);
  }

  @Test
  void goesOnWithWhatThereIsWhereTheFirstPageIsForgotten() {
    ObjectList first = objects.list(CONFIG_MAPS, "default", page(3, ""));
    objects.delete(CONFIG_MAPS, key("m0"), DeleteOptions.DEFAULT);
    objects.delete(CONFIG_MAPS, key("m3"), DeleteOptions.DEFAULT);
    Obj last = objects.create(CONFIG_MAPS, configMap("new"));
    cluster.store.compact(new Revision(Long.parseLong(Meta.of(last).resourceVersion())));
    AtomicReference<String> token = new AtomicReference<>("");
    assertThatThrownBy(() -> objects.list(CONFIG_MAPS, "default", page(3, first.continueToken())))
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.EXPIRED);
              token.set(e.toStatus().obj("metadata").string("continue"));
            })
        .hasMessageContaining("use the continue token in this response");
    ObjectList second = objects.list(CONFIG_MAPS, "default", page(3, requireNonNull(token.get())));
    assertThat(names(second.items())).containsExactly("m4", "m5", "m6");
    assertThat(second.resourceVersion()).isEqualTo(Meta.of(last).resourceVersion());
    assertThat(second.remaining()).isEqualTo(4);
    ObjectList third = objects.list(CONFIG_MAPS, "default", page(0, second.continueToken()));
    assertThat(names(third.items())).containsExactly("m7", "m8", "m9", "new");
  }

  @Test
  void selectsByLabelsAndFieldsWithALimit() {
    ListOptions odd =
        new ListOptions(LabelSelector.parse("odd=1"), "metadata.name!=m3", 2, "", "", "");
    ObjectList first = objects.list(CONFIG_MAPS, "default", odd);
    assertThat(names(first.items())).containsExactly("m1", "m5");
    ObjectList second =
        objects.list(
            CONFIG_MAPS,
            "default",
            new ListOptions(
                LabelSelector.parse("odd=1"),
                "metadata.name!=m3",
                2,
                first.continueToken(),
                "",
                ""));
    assertThat(names(second.items())).containsExactly("m7", "m9");
    assertThat(second.continueToken()).isEmpty();
  }

  @Test
  void selectsPodsByTheirFields() {
    objects.create(PODS, pod("p"));
    objects.create(PODS, pod("q").withAt("n1", "spec", "nodeName"));
    assertThat(names(list("spec.nodeName=n1,status.phase!=Failed"))).containsExactly("q");
    assertThat(names(list("spec.nodeName="))).containsExactly("p");
    assertThatThrownBy(() -> list("spec.foo=1"))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST))
        .hasMessageContaining("field label not supported: spec.foo");
  }

  private List<Obj> list(String fields) {
    return objects.list(PODS, "", ListOptions.ALL.withFields(fields)).items();
  }

  @Test
  void showsAnExactOlderRevision() {
    Obj before = objects.get(CONFIG_MAPS, key("m1"));
    String then = objects.list(CONFIG_MAPS, "default", ListOptions.ALL).resourceVersion();
    objects.update(CONFIG_MAPS, before.withAt("2", "data", "a"));
    ObjectList exact =
        objects.list(
            CONFIG_MAPS,
            "default",
            new ListOptions(LabelSelector.EVERYTHING, "metadata.name=m1", 0, "", then, "Exact"));
    assertThat(exact.items()).containsExactly(before);
    assertThat(exact.resourceVersion()).isEqualTo(then);
  }

  /** Kubernetes API concepts, the table of resourceVersionMatch. */
  @ParameterizedTest
  @CsvSource({
    "0, '', after",
    "0, NotOlderThan, after",
    "0, Exact, before",
    "9, '', before",
    "9, NotOlderThan, after",
    "9, Exact, before",
  })
  void readsTheRevisionThatTheOptionsMean(int limit, String match, String expected) {
    Obj before = objects.update(CONFIG_MAPS, configMap("m1").withAt("before", "data", "a"));
    objects.update(CONFIG_MAPS, before.withAt("after", "data", "a"));
    objects.list(CONFIG_MAPS, "default", ListOptions.ALL); // the newest: the cache has it then
    ListOptions options =
        new ListOptions(
            LabelSelector.EVERYTHING,
            "metadata.name=m1",
            limit,
            "",
            Meta.of(before).resourceVersion(),
            match);
    Obj read = objects.list(CONFIG_MAPS, "default", options).items().getFirst();
    assertThat(read.at("data").string("a")).isEqualTo(expected);
  }

  @Test
  void refusesBadTokensAndRevisions() {
    assertThatThrownBy(() -> objects.list(CONFIG_MAPS, "", page(3, "rubbish")))
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST));
    assertThatThrownBy(
            () -> objects.list(CONFIG_MAPS, "", ListOptions.ALL.withResourceVersion("999999999")))
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.TIMEOUT);
              // client-go lists anew where it finds this.
              assertThat(e.details().objs("causes").getFirst().string("reason"))
                  .isEqualTo("ResourceVersionTooLarge");
            });
    assertThatThrownBy(
            () -> objects.list(CONFIG_MAPS, "", ListOptions.ALL.withResourceVersion("x")))
        .hasMessage(
            "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid"
                + " syntax");
  }

  @Test
  void namespacesWithACommonPrefixStayApart() {
    assertThat(objects.list(CONFIG_MAPS, "default", ListOptions.ALL).items()).hasSize(10);
    assertThat(names(objects.list(CONFIG_MAPS, "default-b", ListOptions.ALL).items()))
        .containsExactly("other");
  }
}
