package dev.wherry.master.scheduling;

import static dev.wherry.master.scheduling.Samples.inZone;
import static dev.wherry.master.scheduling.Samples.node;
import static dev.wherry.master.scheduling.Samples.pod;
import static dev.wherry.master.scheduling.Samples.said;
import static dev.wherry.master.scheduling.Samples.with;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Affinity between pods, spread over places, and volumes. */
class TopologyTest {
  private static final String WEB = "'app': 'web'";
  private static final ClusterSnapshot ZONES =
      ClusterSnapshot.of(List.of(inZone("a1", "a"), inZone("a2", "a"), inZone("b1", "b")));

  private static String spread(String more) {
    return """
        'topologySpreadConstraints': [{'maxSkew': 1, 'topologyKey': 'zone',
          'whenUnsatisfiable': 'DoNotSchedule',
          'labelSelector': {'matchLabels': {'app': 'web'}}%s}]"""
        .formatted(more);
  }

  private static String affinity(String kind, String key, String more) {
    return """
        'affinity': {'%s': {'requiredDuringSchedulingIgnoredDuringExecution': [
          {'topologyKey': '%s', 'labelSelector': {'matchLabels': {'app': 'web'}}%s}]}}"""
        .formatted(kind, key, more);
  }

  @Test
  void keepsTheSkew() {
    ClusterSnapshot one = with(ZONES, "a1", pod("p1", WEB, ""));
    assertThat(said(one, pod("p2", WEB, spread("")))).isEqualTo("b1");
    ClusterSnapshot two = with(one, "a2", pod("p2", WEB, ""));
    ClusterSnapshot full =
        ClusterSnapshot.of(
            List.of(
                two.nodes().get(0),
                two.nodes().get(1),
                node("b1", "'zone': 'b'", ", 'spec': {'unschedulable': true}"),
                node("c1", "", "")));
    assertThat(said(full, pod("p3", WEB, spread(""))))
        .isEqualTo(
            "0/4 nodes are available: 1 node(s) didn't match pod topology spread constraints"
                + " (missing required label), 1 node(s) were unschedulable, 2 node(s) didn't match"
                + " pod topology spread constraints.");
  }

  @Test
  void countsNoNodesThatPoliciesLeaveOut() {
    ClusterSnapshot tainted =
        ClusterSnapshot.of(
            List.of(
                inZone("a1", "a").plus(pod("p1", WEB, "")),
                node(
                    "b1",
                    "'zone': 'b'",
                    ", 'spec': {'taints': [{'key': 'k', 'effect': 'NoSchedule'}]}")));
    assertThat(said(tainted, pod("p2", WEB, spread("")))).contains("spread constraints");
    assertThat(said(tainted, pod("p2", WEB, spread(", 'nodeTaintsPolicy': 'Honor'"))))
        .isEqualTo("a1");
    String onlyA = ", 'nodeSelector': {'zone': 'a'}";
    assertThat(said(tainted, pod("p2", WEB, spread("") + onlyA))).isEqualTo("a1");
    assertThat(said(tainted, pod("p2", WEB, spread(", 'nodeAffinityPolicy': 'Ignore'") + onlyA)))
        .contains("spread constraints");
  }

  @Test
  void takesMissingPlacesForEmptyUpToMinDomains() {
    ClusterSnapshot even = with(with(ZONES, "a1", pod("p1", WEB, "")), "b1", pod("p2", WEB, ""));
    assertThat(said(even, pod("p3", WEB, spread("")))).isIn("a1", "a2", "b1");
    assertThat(said(even, pod("p3", WEB, spread(", 'minDomains': 3"))))
        .contains("3 node(s) didn't match pod topology spread constraints.");
  }

  @Test
  void spreadsEachRevisionOnItsOwn() {
    ClusterSnapshot old = with(ZONES, "b1", pod("p1", WEB + ", 'hash': '1'", ""));
    String byHash = spread(", 'matchLabelKeys': ['hash']");
    ClusterSnapshot one = with(old, "a1", pod("p2", WEB + ", 'hash': '2'", ""));
    assertThat(said(one, pod("p3", WEB + ", 'hash': '2'", byHash))).isEqualTo("b1");
  }

  @Test
  void goesWhereOthersAre() {
    String near = affinity("podAffinity", "zone", "");
    assertThat(said(ZONES, pod("first", WEB, near))).isEqualTo("a1");
    assertThat(said(ZONES, pod("other", "'app': 'db'", near)))
        .isEqualTo("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.");
    ClusterSnapshot one = with(ZONES, "b1", pod("p1", WEB, ""));
    assertThat(said(one, pod("other", "'app': 'db'", near))).isEqualTo("b1");
  }

  @Test
  void keepsAwayInBothDirections() {
    String far = affinity("podAntiAffinity", "host", "");
    ClusterSnapshot cluster = ZONES;
    for (String name : List.of("a1", "a2", "b1")) {
      assertThat(said(cluster, pod("at-" + name, WEB, far))).isEqualTo(name);
      cluster = with(cluster, name, pod("at-" + name, WEB, far));
    }
    assertThat(said(cluster, pod("one-more", WEB, far)))
        .isEqualTo("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.");
    assertThat(said(cluster, pod("plain", WEB, "")))
        .isEqualTo(
            "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules.");
    assertThat(said(cluster, pod("db", "'app': 'db'", ""))).isEqualTo("a1");
  }

  @Test
  void looksIntoTheNamespacesThatAreNamedOrSelected() {
    PodDemand elsewhere = pod("p", WEB, affinity("podAffinity", "zone", ", 'namespaces': ['x']"));
    ClusterSnapshot one = with(ZONES, "b1", pod("p1", WEB, ""));
    assertThat(said(one, elsewhere)).contains("didn't match pod affinity rules");
    PodDemand selected =
        pod(
            "p",
            "",
            affinity(
                "podAffinity", "zone", ", 'namespaceSelector': {'matchLabels': {'team': 'one'}}"));
    assertThat(said(one, selected)).contains("didn't match pod affinity rules");
    assertThat(said(one.withNamespace("default", Map.of("team", "one")), selected)).isEqualTo("b1");
  }

  @Test
  void prefersPlacesAndImages() {
    String wish =
        """
        'affinity': {'podAntiAffinity': {'preferredDuringSchedulingIgnoredDuringExecution': [
          {'weight': 100, 'podAffinityTerm': {'topologyKey': 'zone',
            'labelSelector': {'matchLabels': {'app': 'web'}}}}]}}""";
    ClusterSnapshot one = with(ZONES, "a1", pod("p1", WEB, ""));
    assertThat(said(one, pod("p2", WEB, wish))).isEqualTo("b1");
    NodeFacts b1 = ZONES.nodes().get(2).facts();
    NodeFacts has =
        new NodeFacts(
            b1.name(),
            b1.labels(),
            List.of(),
            false,
            b1.allocatable(),
            10,
            Map.of("docker.io/library/big:1", 900L << 20));
    assertThat(said(ZONES, pod("p3", "", "'containers': [{'image': 'big:1'}]"))).isEqualTo("a1");
    assertThat(
            said(
                ZONES.with(NodeLoad.empty(has)),
                pod("p3", "", "'containers': [{'image': 'big:1'}]")))
        .isEqualTo("b1");
    assertThat(ImageReference.full("hello")).isEqualTo("docker.io/library/hello:latest");
    assertThat(ImageReference.full("quay.io/a/b:1")).isEqualTo("quay.io/a/b:1");
    assertThat(ImageReference.full("a/b@sha256:1")).isEqualTo("docker.io/a/b@sha256:1");
  }

  private static List<NodeTerm> on(String host) {
    return List.of(
        new NodeTerm(
            new dev.wherry.api.select.LabelSelector(
                List.of(
                    new dev.wherry.api.select.LabelSelector.Requirement.In("host", Set.of(host)))),
            dev.wherry.api.select.LabelSelector.EVERYTHING));
  }

  private static VolumeDemand open(VolumeDemand.OpenClaim... claims) {
    return new VolumeDemand("", List.of(), 0, List.of(claims), Set.of());
  }

  @Test
  void followsItsVolumes() {
    VolumeDemand bound = new VolumeDemand("", List.of(on("b1")), 0, List.of(), Set.of());
    assertThat(said(ZONES, pod("p", "", "", bound))).isEqualTo("b1");
    VolumeDemand nowhere = new VolumeDemand("", List.of(on("z")), 0, List.of(), Set.of());
    assertThat(said(ZONES, pod("p", "", "", nowhere)))
        .isEqualTo(
            "0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity.");
    VolumeDemand fault =
        new VolumeDemand(
            "persistentvolumeclaim \"x\" not found", List.of(), 0, List.of(), Set.of());
    assertThat(said(ZONES, pod("p", "", "", fault)))
        .isEqualTo("0/3 nodes are available: persistentvolumeclaim \"x\" not found.");
  }

  @Test
  void findsAVolumeForEachOpenClaim() {
    var one = new VolumeDemand.Candidate("v1", on("a2"));
    var two = new VolumeDemand.Candidate("v2", on("b1"));
    var first = new VolumeDemand.OpenClaim("d/c1", List.of(one, two), Optional.empty());
    var second = new VolumeDemand.OpenClaim("d/c2", List.of(one), Optional.empty());
    assertThat(said(ZONES, pod("p", "", "", open(second)))).isEqualTo("a2");
    assertThat(said(ZONES, pod("p", "", "", open(first, second))))
        .isEqualTo(
            "0/3 nodes are available: 3 node(s) didn't find available persistent volumes to"
                + " bind.");
    var made = new VolumeDemand.OpenClaim("d/c3", List.of(), Optional.of(List.of()));
    assertThat(said(ZONES, pod("p", "", "", open(made)))).isIn("a1", "a2", "b1");
    assertThat(open(first, made).choices(ZONES.nodes().get(1).facts()).orElseThrow())
        .containsEntry("d/c1", new VolumeDemand.Choice.Existing("v1"))
        .containsEntry("d/c3", new VolumeDemand.Choice.Provisioned());
  }

  @Test
  void givesAnExclusiveClaimToOnePod() {
    VolumeDemand own = new VolumeDemand("", List.of(), 0, List.of(), Set.of("default/c"));
    ClusterSnapshot taken = with(ZONES, "a1", pod("p1", "", "", own));
    assertThat(said(taken, pod("p2", "", "", own)))
        .isEqualTo(
            "0/3 nodes are available: 3 node has pod using PersistentVolumeClaim with the same"
                + " name and ReadWriteOncePod access mode.");
  }

  @Test
  void asksOnlyTheNodesThatTheAffinityNames() {
    String named =
        """
        'affinity': {'nodeAffinity': {'requiredDuringSchedulingIgnoredDuringExecution': {
          'nodeSelectorTerms': [{'matchFields': [
            {'key': 'metadata.name', 'operator': 'In', 'values': ['a2']}]}]}}},
        'containers': [{'resources': {'requests': {'cpu': '%s'}}}]""";
    assertThat(Decision.decide(ZONES, pod("p", "", named.formatted("1"))))
        .isEqualTo(new Decision.Placed(new dev.wherry.api.object.NodeName("a2"), 1));
    assertThat(said(ZONES, pod("p", "", named.formatted("9"))))
        .isEqualTo(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s)"
                + " [NodeAffinity].");
  }
}
