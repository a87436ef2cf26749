package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.pod.PodEvent.Refused;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pods that a node refuses, in kubelet's words. */
class AdmissionTest {
  private static final Map<String, Long> ALLOCATABLE =
      Map.of("cpu", 2000L, "memory", 1L << 30, "pods", 3L, "example.com/gpio", 1L);

  private static Admission.Node node(List<String> pressures) {
    return new Admission.Node(
        "n1", ALLOCATABLE, Map.of("disk", "ssd"), pressures, List.of("net.core.*"), false);
  }

  private static PodView pod(String spec) {
    return new PodView(Json.read("{\"metadata\":{\"name\":\"p\"},\"spec\":" + spec + "}"));
  }

  private static final List<PodView> OTHERS =
      List.of(
          pod(
              """
              {"containers":[{"name":"a","resources":{"requests":{"cpu":"1500m"}},
                "ports":[{"containerPort":80,"hostPort":8080}]}]}
              """));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"containers":[{"name":"a","resources":{"requests":{"cpu":"600m"}}}]} | OutOfcpu | Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000
          {"containers":[{"name":"a","resources":{"limits":{"memory":"2Gi"}}}]} | OutOfmemory | Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824
          {"containers":[{"name":"a","resources":{"limits":{"example.com/gpio":"2"}}}]} | OutOfexample.com/gpio | Node didn't have enough resource: example.com/gpio, requested: 2, used: 0, capacity: 1
          {"nodeSelector":{"disk":"hdd"},"containers":[{"name":"a"}]} | NodeAffinity | Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector
          {"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"disk","operator":"NotIn","values":["ssd"]}]}]}}},"containers":[{"name":"a"}]} | NodeAffinity | Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector
          {"containers":[{"name":"a","ports":[{"hostPort":8080,"hostIP":"127.0.0.1"}]}]} | NodePorts | Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports
          {"securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1"}]},"containers":[{"name":"a"}]} | SysctlForbidden | forbidden sysctl: "kernel.msgmax" not allowlisted
          {"hostNetwork":true,"securityContext":{"sysctls":[{"name":"net.core.somaxconn","value":"1"}]},"containers":[{"name":"a"}]} | SysctlForbidden | forbidden sysctl: "net.core.somaxconn" not allowed with host net enabled
          {"containers":[{"name":"a","securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}}]} | AppArmor | Cannot enforce AppArmor: AppArmor is not enabled on the host
          {"os":{"name":"windows"},"containers":[{"name":"a"}]} | PodOSNotSupported | Failed to admit pod as the OS field doesn't match node OS
          """)
  void refuses(String spec, String reason, String message) {
    assertThat(Admission.refusal(pod(spec), OTHERS, node(List.of())))
        .contains(new Refused(reason, message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"containers":[{"name":"a","resources":{"requests":{"cpu":"500m","other.com/x":"9"}}}]}
          {"nodeSelector":{"disk":"ssd"},"containers":[{"name":"a","ports":[{"hostPort":8080,"protocol":"UDP"}]}]}
          {"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["n1"]}]}]}}},"containers":[{"name":"a"}]}
          {"securityContext":{"sysctls":[{"name":"net/ipv4/ip_local_port_range","value":"1 2"},{"name":"net.core.somaxconn","value":"1"}]},"containers":[{"name":"a"}]}
          """)
  void takes(String spec) {
    assertThat(Admission.refusal(pod(spec), OTHERS, node(List.of()))).isEmpty();
  }

  @Test
  void refusesMorePodsThanItMayHave() {
    PodView empty = pod("{\"containers\":[{\"name\":\"a\"}]}");
    assertThat(Admission.refusal(empty, List.of(empty, empty, empty), node(List.of())))
        .contains(
            new Refused(
                "OutOfpods",
                "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"));
  }

  @Test
  void takesOnlyWhatMattersUnderPressure() {
    PodView bestEffort = pod("{\"containers\":[{\"name\":\"a\"}]}");
    PodView burstable =
        pod("{\"containers\":[{\"name\":\"a\",\"resources\":{\"requests\":{\"cpu\":\"1m\"}}}]}");
    PodView critical = pod("{\"priority\":2000000000,\"containers\":[{\"name\":\"a\"}]}");
    Admission.Node memory = node(List.of("MemoryPressure"));
    Admission.Node disk = node(List.of("DiskPressure"));
    assertThat(Admission.refusal(bestEffort, List.of(), memory))
        .contains(new Refused("Evicted", "The node had condition: [MemoryPressure]. "));
    assertThat(Admission.refusal(burstable, List.of(), memory)).isEmpty();
    assertThat(Admission.refusal(burstable, List.of(), disk))
        .contains(new Refused("Evicted", "The node had condition: [DiskPressure]. "));
    assertThat(Admission.refusal(critical, List.of(), disk)).isEmpty();
  }
}
