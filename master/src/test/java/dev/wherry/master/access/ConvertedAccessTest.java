package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.EVENTS;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Conversion;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.registry.WriteOptions.FieldValidation;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertedAccessTest {
  private static final GroupResource NEW_EVENTS = new GroupResource("events.k8s.io", "events");
  private static final GroupResource SCALERS =
      new GroupResource("autoscaling", "horizontalpodautoscalers");
  private static final String MEMORY =
      "{'type':'Resource','resource':{'name':'memory','target':{'type':'Utilization','averageUtilization':70}}}";

  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess events = converted(NEW_EVENTS);
  private final ObjectAccess scalers = converted(SCALERS);

  private ObjectAccess converted(GroupResource resource) {
    Conversion conversion = cluster.entrance.definitions().conversion(resource, "v1").orElseThrow();
    return new ConvertedAccess(cluster.objects, conversion);
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static Obj event(String name) {
    return json(
        """
        {'apiVersion':'events.k8s.io/v1','kind':'Event','metadata':{'name':'%s','namespace':'default'},
         'regarding':{'kind':'Pod','namespace':'default','name':'%s'},'note':'it happened','reason':'R',
         'reportingController':'example.com/c','reportingInstance':'i','action':'A','type':'Normal',
         'eventTime':'2026-01-01T00:00:00.000000Z'}"""
            .formatted(name, name));
  }

  private static Obj scaler() {
    return json(
        """
        {'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{'name':'web','namespace':'default'},
         'spec':{'maxReplicas':5,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'},
         'metrics':[%s]}}"""
            .formatted(MEMORY));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'eventTime':null | eventTime: Required value
          'type':'Odd' | type: Invalid value: "": has invalid value: Odd
          'deprecatedCount':2 | count: Invalid value: "": needs to be unset
          'deprecatedSource':{'component':'c'} | source: Invalid value: "": needs to be unset
          'series':{'count':1,'lastObservedTime':'2026-01-01T00:00:00.000000Z'} | series.count: Invalid value: "": should be at least 2
          'series':{'count':2} | series.lastObservedTime: Required value
          """)
  void aNewEventSaysWhatItsVersionAsksFor(String member, String complaint) {
    Obj odd = event("a");
    for (Obj.Entry each : json("{" + member + "}")) {
      odd = odd.with(each.key(), each.value());
    }
    Obj event = odd;
    assertThatThrownBy(() -> events.create(NEW_EVENTS, event))
        .hasMessage("Event.events.k8s.io \"a\" is invalid: " + complaint);
  }

  @Test
  void ofAnEventOnlyTheSeriesChanges() {
    events.create(NEW_EVENTS, event("a"));
    Patch series =
        new Patch(
            Patch.Kind.MERGE,
            json("{'series':{'count':2,'lastObservedTime':'2026-01-01T00:00:01.000000Z'}}"));
    Obj counted = events.patch(NEW_EVENTS, key("a"), "", series, WriteOptions.DEFAULT);
    assertThat(counted.obj("series").number("count", 0)).isEqualTo(2);
    Patch note = new Patch(Patch.Kind.MERGE, json("{'note':'another'}"));
    assertThatThrownBy(() -> events.patch(NEW_EVENTS, key("a"), "", note, WriteOptions.DEFAULT))
        .hasMessageContaining("message: Invalid value: \"another\": field is immutable");
  }

  @Test
  void anEventIsOneObjectUnderBothGroups() {
    Obj made = events.create(NEW_EVENTS, event("a"));
    assertThat(made.string("note")).isEqualTo("it happened");
    assertThat(made.string("apiVersion")).isEqualTo("events.k8s.io/v1");

    Obj core = cluster.get(EVENTS, "a");
    assertThat(core.string("message")).isEqualTo("it happened");
    assertThat(core.obj("involvedObject").string("name")).isEqualTo("a");
    assertThat(core.string("reportingComponent")).isEqualTo("example.com/c");
    assertThat(core.string("apiVersion")).isEqualTo("v1");
    assertThat(events.get(NEW_EVENTS, key("a"))).isEqualTo(made);
  }

  @Test
  void fieldsAreSelectedByTheirNamesHere() {
    events.create(NEW_EVENTS, event("a"));
    events.create(NEW_EVENTS, event("b"));
    ListOptions ofB = ListOptions.ALL.withFields("regarding.kind=Pod,regarding.name!=a");
    assertThat(
            events
                .list(NEW_EVENTS, "default", ListOptions.ALL.withFields("regarding.name=a"))
                .items())
        .singleElement()
        .satisfies(one -> assertThat(one.obj("regarding").string("name")).isEqualTo("a"));
    assertThat(events.list(NEW_EVENTS, "default", ofB).items())
        .singleElement()
        .satisfies(one -> assertThat(one.obj("regarding").string("name")).isEqualTo("b"));
  }

  @Test
  void whatIsAppliedHereIsAppliedToWhatIsStored() {
    String config =
        """
        {'apiVersion':'autoscaling/v1','kind':'HorizontalPodAutoscaler','metadata':{'name':'web'},
         'spec':{'maxReplicas':5,'targetCPUUtilizationPercentage':60,
         'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'}}}""";
    WriteOptions me = new WriteOptions("me", false, WriteOptions.FieldValidation.STRICT, false);
    Obj applied =
        scalers.patch(SCALERS, key("web"), "", new Patch(Patch.Kind.APPLY, json(config)), me);
    assertThat(applied.string("apiVersion")).isEqualTo("autoscaling/v1");
    assertThat(applied.obj("spec").number("targetCPUUtilizationPercentage", 0)).isEqualTo(60);
    Obj stored = cluster.get(SCALERS, "web");
    assertThat(stored.obj("spec").objs("metrics")).hasSize(1);
    assertThat(stored.obj("metadata").objs("managedFields").getFirst().string("apiVersion"))
        .isEqualTo("autoscaling/v2");
  }

  @Test
  void watchesTellOfThemAsServed() {
    Queue<String> notes = new ConcurrentLinkedQueue<>();
    try (ObjectWatch _ =
        events.watch(
            NEW_EVENTS,
            "default",
            ListOptions.ALL,
            told -> told.forEach(each -> notes.add(each.object().string("note"))))) {
      events.create(NEW_EVENTS, event("a"));
      await(() -> notes.contains("it happened"));
    }
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void theOlderAutoscalerKeepsWhatItCannotSay() {
    cluster.objects.create(SCALERS, scaler());
    Obj seen = scalers.get(SCALERS, key("web"));
    assertThat(seen.string("apiVersion")).isEqualTo("autoscaling/v1");
    assertThat(seen.obj("spec").has("metrics")).isFalse();

    scalers.update(
        SCALERS, seen.change("spec", spec -> spec.with("targetCPUUtilizationPercentage", 60L)));
    Obj stored = cluster.objects.get(SCALERS, key("web"));
    assertThat(stored.obj("spec").list("metrics"))
        .containsExactly(
            json(MEMORY),
            json(
                "{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':60}}}"));

    Patch patch = new Patch(Patch.Kind.MERGE, json("{'spec':{'maxReplicas':7}}"));
    Obj patched = scalers.patch(SCALERS, key("web"), "", patch, WriteOptions.DEFAULT);
    assertThat(patched.obj("spec"))
        .isEqualTo(
            json(
                """
                {'maxReplicas':7,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'},
                 'minReplicas':1,'targetCPUUtilizationPercentage':60}"""));
    assertThat(cluster.objects.get(SCALERS, key("web")).obj("spec").list("metrics")).hasSize(2);
  }

  @Test
  void namesUnknownFieldsAsTheVersionHasThem() {
    WriteOptions strict = new WriteOptions("", false, FieldValidation.STRICT, false);
    Obj wrong = event("a").with("message", "of the other group");
    assertThatThrownBy(() -> events.create(NEW_EVENTS, key("a"), "", wrong, strict))
        .isInstanceOf(StatusException.class)
        .hasMessageContaining("unknown field \"message\"");
  }

  @Test
  void isListedInDiscovery() {
    assertThat(cluster.entrance.definitions().served())
        .extracting(each -> each.apiVersion() + " " + each.kind())
        .containsAll(
            List.of(
                "v1 Event",
                "events.k8s.io/v1 Event",
                "autoscaling/v1 HorizontalPodAutoscaler",
                "autoscaling/v2 HorizontalPodAutoscaler"));
  }
}
