package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.BINDINGS;
import static dev.wherry.api.object.GroupResource.PODS;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may change in a pod that is there, and through which subresource. */
class PodChangesTest {
  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @BeforeEach
  void createPod() {
    objects.create(
        PODS,
        TestCluster.pod("p")
            .with(
                "spec",
                json(
                    "{'activeDeadlineSeconds':100,'containers':[{'name':'c','image':'hello:1','resources':{'requests':{'cpu':'100m'}}}]}")));
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private Obj patched(String subresource, String patch) {
    return objects.patch(
        PODS,
        key("p"),
        subresource,
        new Patch(Patch.Kind.STRATEGIC, json(patch)),
        WriteOptions.DEFAULT);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `` | {'spec':{'containers':[{'name':'c','command':['x']}]}} | pod updates may not change fields other than
          `` | {'spec':{'containers':[{'name':'d','image':'i:1'}]}} | spec.containers: Forbidden: pod updates may not add or remove containers
          `` | {'spec':{'activeDeadlineSeconds':101}} | spec.activeDeadlineSeconds: Invalid value: 101: must be less than or equal to previous value
          `` | {'spec':{'activeDeadlineSeconds':null}} | must not update from a positive integer to nil value
          `` | {'spec':{'ephemeralContainers':[{'name':'e','image':'i:1'}]}} | pod updates may not change fields other than
          `` | {'spec':{'containers':[{'name':'c','resources':{'requests':{'cpu':'2'}}}]}} | pod updates may not change fields other than
          ephemeralcontainers | {'spec':{'ephemeralContainers':[{'name':'c','image':'i:1'}]}} | spec.ephemeralContainers[0].name: Duplicate value: "c"
          ephemeralcontainers | {'spec':{'ephemeralContainers':[{'name':'e','image':'i:1','targetContainerName':'z'}]}} | spec.ephemeralContainers[0].targetContainerName: Not found: "z"
          ephemeralcontainers | {'spec':{'ephemeralContainers':[{'name':'e','image':'i:1','resources':{'limits':{'cpu':'1'}}}]}} | spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container
          resize | {'spec':{'containers':[{'name':'c','resources':{'requests':{'cpu':null}}}]}} | Pod QOS Class may not change as a result of resizing
          resize | {'spec':{'containers':[{'name':'c','resources':{'requests':{'example.com/x':'1'},'limits':{'example.com/x':'1'}}}]}} | spec: Forbidden: only cpu and memory resources are mutable
          """)
  void refuses(String subresource, String patch, String message) {
    assertThatThrownBy(() -> patched(subresource, patch)).hasMessageContaining(message);
  }

  @Test
  void takesEphemeralContainersThatStay() {
    Obj with =
        patched(
            "ephemeralcontainers",
            "{'spec':{'ephemeralContainers':[{'name':'e','image':'i:1','targetContainerName':'c'}],'nodeName':'n'}}");
    Obj debugger = with.obj("spec").objs("ephemeralContainers").getFirst();
    assertThat(debugger.string("imagePullPolicy")).isEqualTo("IfNotPresent");
    assertThat(with.obj("spec").has("nodeName")).isFalse();
    assertThat(Meta.of(with).generation()).isEqualTo(2);
    assertThatThrownBy(
            () ->
                patched(
                    "ephemeralcontainers",
                    "{'spec':{'ephemeralContainers':[{'name':'e','image':'i:2'}]}}"))
        .hasMessageContaining("existing ephemeral containers \"e\" may not be changed");
    assertThat(patched("", "{'metadata':{'labels':{'x':'y'}}}").obj("spec"))
        .isEqualTo(with.obj("spec"));
  }

  @Test
  void refusesEphemeralContainersFromTheStart() {
    Obj pod = TestCluster.pod("q");
    Obj spec = pod.obj("spec").with("ephemeralContainers", pod.obj("spec").list("containers"));
    assertThatThrownBy(() -> objects.create(PODS, pod.with("spec", spec)))
        .hasMessageContaining("spec.ephemeralContainers: Forbidden: cannot be set on create");
  }

  @Test
  void resizes() {
    Obj after =
        patched(
            "resize",
            "{'spec':{'containers':[{'name':'c','image':'other','resources':{'requests':{'cpu':'200m'},'limits':{'memory':'1Gi'}}}]}}");
    Obj container = after.obj("spec").objs("containers").getFirst();
    assertThat(container.string("image")).isEqualTo("hello:1");
    assertThat(container.obj("resources"))
        .isEqualTo(json("{'requests':{'cpu':'200m','memory':'1Gi'},'limits':{'memory':'1Gi'}}"));
  }

  @Test
  void bindsByTheOlderPathToo() {
    objects.create(PODS, TestCluster.pod("older"));
    Obj answer =
        objects.create(
            BINDINGS,
            key("older"),
            "",
            json("{'metadata':{'name':'older'},'target':{'kind':'Node','name':'n'}}"),
            WriteOptions.DEFAULT);
    assertThat(answer.string("status")).isEqualTo("Success");
    assertThat(cluster.get(PODS, "older").obj("spec").string("nodeName")).isEqualTo("n");
  }
}
