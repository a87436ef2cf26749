package dev.wherry.api.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewsTest {
  private static final PodView POD =
      new PodView(
          Json.read(
              """
              {"metadata": {"namespace": "n", "name": "p", "uid": "u"},
               "spec": {
                 "containers": [{
                   "name": "c", "image": "reg:5000/a/b",
                   "ports": [{"containerPort": 80, "name": "http"}],
                   "env": [
                     {"name": "A", "value": "1"},
                     {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                     {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
                   "resources": {"requests": {"cpu": "250m", "memory": "64Mi"}},
                   "readinessProbe": {"httpGet": {"port": "http"}, "periodSeconds": 3},
                   "securityContext": {"runAsUser": 0, "capabilities": {"drop": ["ALL"]}}}],
                 "dnsConfig": {"options": [{"name": "ndots", "value": "2"}, {"name": "rotate"}]},
                 "volumes": [
                   {"name": "v", "configMap": {"name": "m", "items": [{"key": "k", "path": "f"}]}},
                   {"name": "t", "projected": {"sources": [
                     {"serviceAccountToken": {"path": "token"}}], "defaultMode": 420}},
                   {"name": "e", "emptyDir": {}}]},
               "status": {"conditions": [
                 {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
              """));

  @Test
  void readsWhatAnAgentNeedsOfAPod() {
    ContainerView container = POD.containers().getFirst();
    assertThat(container.imagePullPolicy()).isEqualTo("Always");
    assertThat(container.ports().getFirst().protocol()).isEqualTo("TCP");
    assertThat(container.env().stream().map(EnvVar::source))
        .containsExactly(
            new EnvVar.Source.Literal("1"),
            new EnvVar.Source.SecretKey("s", "k", false),
            new EnvVar.Source.FieldRef("status.podIP"));
    assertThat(container.requests().cpuMillis()).isEqualTo(250);
    assertThat(container.requests().memoryBytes()).isEqualTo(64L << 20);
    Probe probe = container.readinessProbe().orElseThrow();
    assertThat(probe.handler()).isEqualTo(new Handler.HttpGet("HTTP", "", "http", "/", List.of()));
    assertThat(probe.period().toSeconds()).isEqualTo(3);
    assertThat(probe.failureThreshold()).isEqualTo(3);
    assertThat(container.livenessProbe()).isEmpty();
    assertThat(container.securityContext().runAsUser()).hasValue(0);
    assertThat(container.securityContext().runAsGroup()).isEmpty();
    assertThat(container.securityContext().droppedCapabilities()).containsExactly("ALL");
    assertThat(POD.dnsConfig().options()).containsExactly("ndots:2", "rotate");
    assertThat(POD.terminationGracePeriodSeconds()).isEqualTo(30);
  }

  @Test
  void readsVolumesByTheirSource() {
    assertThat(POD.volumes().get(0).source()).isInstanceOf(Volume.Source.ConfigMap.class);
    assertThat(POD.volumes().get(1).source())
        .isEqualTo(
            new Volume.Source.Projected(
                List.of(new Volume.Projection.ServiceAccountToken("token", "", 3600)), 0644));
    assertThat(POD.volumes().get(2).source()).isEqualTo(new Volume.Source.EmptyDir("", ""));
  }

  @Test
  void isAvailableOnceReadyForLongEnough() {
    Instant ready = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(POD.isAvailable(0, ready)).isTrue();
    assertThat(POD.isAvailable(10, ready.plusSeconds(9))).isFalse();
    assertThat(POD.isAvailable(10, ready.plusSeconds(10))).isTrue();
  }

  @Test
  void keepsTheTransitionTimeWhileAConditionsStatusStays() {
    Instant later = Instant.parse("2026-01-02T00:00:00Z");
    List<Obj> conditions = POD.status().objs("conditions");
    List<Obj> same = Condition.set(conditions, Condition.of("Ready", "True", "Because", "", later));
    List<Obj> changed = Condition.set(conditions, Condition.of("Ready", "False", "", "", later));
    assertThat(same.getFirst().string("lastTransitionTime")).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(same.getFirst().string("reason")).isEqualTo("Because");
    assertThat(changed.getFirst().string("lastTransitionTime")).isEqualTo("2026-01-02T00:00:00Z");
  }

  @ParameterizedTest
  @CsvSource({
    "10, 25%, 25%, 3, 2",
    "1, 25%, 25%, 1, 0",
    "4, 0, 10%, 0, 1",
    "3, 5, 5, 5, 3",
    "10, 0%, 1, 0, 1",
  })
  void resolvesTheBoundsOfARollingUpdate(
      long replicas, String surge, String unavailable, long maxSurge, long maxUnavailable) {
    Obj rolling = Obj.of("maxSurge", value(surge), "maxUnavailable", value(unavailable));
    DeploymentView deployment =
        new DeploymentView(
            Obj.of(
                "spec",
                Obj.of("replicas", replicas, "strategy", Obj.of("rollingUpdate", rolling))));
    assertThat(deployment.maxSurge()).isEqualTo(maxSurge);
    assertThat(deployment.maxUnavailable()).isEqualTo(maxUnavailable);
  }

  private static Object value(String text) {
    return text.endsWith("%") ? text : Long.valueOf(text);
  }

  @ParameterizedTest
  @CsvSource({
    "k, Equal, v, NoSchedule, true",
    "k, Equal, w, NoSchedule, false",
    "k, Exists, '', '', true",
    "'', Exists, '', '', true",
    "'', Equal, v, '', false",
    "k, '', v, NoExecute, false",
  })
  void toleratesATaintAsKubernetesDoes(
      String key, String operator, String value, String effect, boolean tolerated) {
    Taint taint = new Taint(Obj.of("key", "k", "value", "v", "effect", "NoSchedule"));
    Toleration toleration =
        new Toleration(Obj.of("key", key, "operator", operator, "value", value, "effect", effect));
    assertThat(toleration.tolerates(taint)).isEqualTo(tolerated);
  }

  @Test
  void readsAServicesPorts() {
    ServiceView.Port port = new ServiceView.Port(Obj.of("port", 80, "targetPort", "http"));
    assertThat(port.targetPort()).isEqualTo("http");
    assertThat(new ServiceView.Port(Obj.of("port", 80)).targetPort()).isEqualTo("80");
  }
}
