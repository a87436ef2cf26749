package dev.wherry.master.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeNeedsTest {
  private final NodeNeeds needs = new NodeNeeds(Set.of());
  private final List<String> touched = new ArrayList<>();

  private void note(String node, Need need) {
    touched.add(node + ":" + need.kind().plural() + "/" + need.key().name());
  }

  private List<String> upsert(Need.Kind kind, Obj object) {
    touched.clear();
    needs.upsert(kind, object, this::note);
    return touched;
  }

  private List<String> remove(Need.Kind kind, String namespace, String name) {
    touched.clear();
    needs.remove(kind, new ObjectKey(namespace, name), this::note);
    return touched;
  }

  private static Obj reading(String name, String node, String configMap) {
    return Samples.pod(name, node)
        .change(
            "spec",
            spec ->
                spec.with(
                    "volumes",
                    List.of(Obj.of("name", "v", "configMap", Obj.of("name", configMap)))));
  }

  @Test
  void podsGoToTheirNodeAfterWhatTheyName() {
    assertThat(upsert(Need.Kind.PODS, reading("a", "n1", "conf")))
        .containsExactly("n1:configmaps/conf", "n1:pods/a");
    assertThat(needs.all("n1")).hasSize(2);
    assertThat(needs.all("n2")).isEmpty();
  }

  @Test
  void unboundPodsTouchNobody() {
    assertThat(upsert(Need.Kind.PODS, Samples.pod("a", ""))).isEmpty();
  }

  @Test
  void configMapsConcernTheNodesThatReadThem() {
    upsert(Need.Kind.PODS, reading("a", "n1", "conf"));
    upsert(Need.Kind.PODS, reading("b", "n2", "other"));
    assertThat(upsert(Need.Kind.CONFIG_MAPS, Samples.configMap("conf", "1")))
        .containsExactly("n1:configmaps/conf");
    assertThat(upsert(Need.Kind.CONFIG_MAPS, Samples.configMap("unread", "1"))).isEmpty();
  }

  @Test
  void whatAnIngressNamesGoesToEveryNode() {
    Obj annotations =
        Obj.of(
            "nginx.ingress.kubernetes.io/proxy-ssl-secret", "default/shown",
            "nginx.ingress.kubernetes.io/auth-secret", "users");
    Obj ingress =
        Obj.of(
            "metadata",
            Obj.of("namespace", "default", "name", "web", "annotations", annotations),
            "spec",
            Obj.of("tls", List.of(Obj.of("secretName", "cert"))));
    assertThat(upsert(Need.Kind.INGRESSES, ingress))
        .containsExactlyInAnyOrder(
            ":secrets/cert", ":secrets/shown", ":secrets/users", ":ingresses/web")
        .last()
        .isEqualTo(":ingresses/web");
    Obj foreign = Obj.of("nginx.ingress.kubernetes.io/auth-secret", "kube-system/users");
    Obj without = ingress.change("metadata", each -> each.with("annotations", foreign));
    assertThat(upsert(Need.Kind.INGRESSES, without)).contains(":secrets/users");
    Need users = new Need(Need.Kind.SECRETS, new ObjectKey("default", "users"));
    Need other = new Need(Need.Kind.SECRETS, new ObjectKey("kube-system", "users"));
    assertThat(needs.wants("n1", users)).isFalse();
    assertThat(needs.wants("n1", other)).as("another namespace's").isFalse();
  }

  @Test
  void whatEveryNodeNeedsByNameIsToldOfToAll() {
    Need names = new Need(Need.Kind.CONFIG_MAPS, new ObjectKey("default", "names"));
    NodeNeeds always = new NodeNeeds(Set.of(names));
    assertThat(always.all("n1")).containsExactly(names);
    assertThat(always.wants("n2", names)).isTrue();
    touched.clear();
    always.upsert(Need.Kind.CONFIG_MAPS, Samples.configMap("names", "1"), this::note);
    always.remove(Need.Kind.CONFIG_MAPS, names.key(), this::note);
    assertThat(touched).containsExactly(":configmaps/names", ":configmaps/names");
  }

  @Test
  void aReferenceIsGivenUpWithItsLastPod() {
    upsert(Need.Kind.PODS, reading("a", "n1", "conf"));
    assertThat(upsert(Need.Kind.PODS, reading("b", "n1", "conf"))).containsExactly("n1:pods/b");
    assertThat(remove(Need.Kind.PODS, "default", "a")).containsExactly("n1:pods/a");
    assertThat(remove(Need.Kind.PODS, "default", "b"))
        .containsExactly("n1:pods/b", "n1:configmaps/conf");
    assertThat(needs.all("n1")).isEmpty();
  }

  @Test
  void aPodsOwnStatusIsNoNews() {
    Obj pod = Samples.pod("a", "n1");
    upsert(Need.Kind.PODS, pod);
    Obj running =
        pod.withAt("7", "metadata", "resourceVersion")
            .with(
                "status",
                Samples.obj("{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}"));
    assertThat(upsert(Need.Kind.PODS, running)).isEmpty();
    Obj gated =
        running.with(
            "status", Samples.obj("{'conditions':[{'type':'example.com/gate','status':'True'}]}"));
    assertThat(upsert(Need.Kind.PODS, gated)).containsExactly("n1:pods/a");
    assertThat(upsert(Need.Kind.PODS, gated.withAt("t", "metadata", "deletionTimestamp")))
        .containsExactly("n1:pods/a");
  }

  @Test
  void nodesAreToldOfAddressesRangesAndPlacesAlone() {
    Obj node =
        Samples.obj(
            "{'metadata':{'name':'n1','uid':'u'},'spec':{'podCIDR':'10.42.0.0/24'},"
                + "'status':{'addresses':[{'type':'InternalIP','address':'192.0.2.1'}]}}");
    assertThat(upsert(Need.Kind.NODES, node)).containsExactly(":nodes/n1");
    assertThat(upsert(Need.Kind.NODES, node.withAt("x", "status", "phase"))).isEmpty();
    assertThat(
            upsert(
                Need.Kind.NODES,
                node.withAt(
                    List.of(Obj.of("type", "InternalIP", "address", "192.0.2.2")),
                    "status",
                    "addresses")))
        .containsExactly(":nodes/n1");
    assertThat(
            upsert(
                Need.Kind.NODES,
                node.withAt("east", "metadata", "labels", "topology.kubernetes.io/zone")))
        .containsExactly(":nodes/n1");
    assertThat(needs.all("n2")).hasSize(1);
    assertThat(needs.all("n1")).as("its own place matters to it").hasSize(1);
  }

  /** Whatever the order of changes: a node wants its own pods and what they name, nothing else. */
  @Test
  void wantsFollowAnyHistory() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, Obj> pods = new HashMap<>();
    for (int step = 0; step < 3000; step++) {
      String name = "p" + random.nextInt(8);
      if (random.nextInt(3) == 0) {
        pods.remove(name);
        remove(Need.Kind.PODS, "default", name);
      } else {
        Obj pod = reading(name, "n" + random.nextInt(3), "c" + random.nextInt(4));
        pods.put(name, pod);
        upsert(Need.Kind.PODS, pod);
      }
      for (int n = 0; n < 3; n++) {
        String node = "n" + n;
        Set<Need> expected = new HashSet<>();
        for (Obj pod : pods.values()) {
          if (pod.obj("spec").string("nodeName").equals(node)) {
            expected.add(new Need(Need.Kind.PODS, ObjectKey.of(pod)));
            expected.addAll(PodReferences.of(pod));
          }
        }
        assertThat(new HashSet<>(needs.all(node)))
            .as("seed %d step %d", seed, step)
            .isEqualTo(expected);
        for (Need need : expected) {
          assertThat(needs.wants(node, need)).as("seed %d step %d", seed, step).isTrue();
        }
      }
    }
  }

  private static Obj claim(String name, String volume) {
    return Obj.of(
        "metadata",
        Obj.of("namespace", "default", "name", name),
        "spec",
        Obj.of("volumeName", volume));
  }

  @Test
  void aVolumeGoesWhereItsClaimIsMounted() {
    Obj pod =
        Samples.pod("a", "n1")
            .change(
                "spec",
                spec ->
                    spec.with(
                        "volumes",
                        List.of(
                            Obj.of(
                                "name",
                                "v",
                                "persistentVolumeClaim",
                                Obj.of("claimName", "data")))));
    assertThat(upsert(Need.Kind.PODS, pod))
        .containsExactly("n1:persistentvolumeclaims/data", "n1:pods/a");
    assertThat(upsert(Need.Kind.PERSISTENT_VOLUME_CLAIMS, claim("data", "pv-1")))
        .containsExactly("n1:persistentvolumes/pv-1", "n1:persistentvolumeclaims/data");
    assertThat(upsert(Need.Kind.PERSISTENT_VOLUME_CLAIMS, claim("other", "pv-2"))).isEmpty();
    assertThat(needs.all("n1")).hasSize(3);
    assertThat(upsert(Need.Kind.PERSISTENT_VOLUMES, Obj.of("metadata", Obj.of("name", "pv-1"))))
        .containsExactly("n1:persistentvolumes/pv-1");
    remove(Need.Kind.PODS, "default", "a");
    assertThat(needs.all("n1")).isEmpty();
  }
}
