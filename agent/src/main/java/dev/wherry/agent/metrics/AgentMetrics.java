package dev.wherry.agent.metrics;

import dev.wherry.agent.metrics.PrometheusText.Type;
import dev.wherry.agent.pod.ContainerObservation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Renders the agent's own figures as kubelet's {@code metrics}, where it has the same. Pure. */
final class AgentMetrics {
  private static final int USER_TIME = 11;
  private static final int SYSTEM_TIME = 12;
  private static final int START_TIME = 19;
  private static final int RSS_PAGES = 21;
  private static final double TICKS_PER_SECOND = 100;
  private static final long PAGE_BYTES = 4096;

  private AgentMetrics() {}

  /**
   * @param stat the text of {@code /proc/self/stat}
   * @param openFiles of this process
   * @param bootSeconds when the kernel started, since 1970
   */
  static String render(
      String node,
      String version,
      List<ContainerObservation> containers,
      String stat,
      long openFiles,
      long bootSeconds) {
    PrometheusText text = new PrometheusText();
    text.family("kubelet_node_name", Type.GAUGE, "The node's name. The count is always 1.");
    text.sample(Map.of("node", node), 1);
    text.family("kubernetes_build_info", Type.GAUGE, "A metric with a constant '1' value.");
    text.sample(Map.of("git_version", version), 1);
    text.family(
        "kubelet_running_pods", Type.GAUGE, "Number of pods that have a running pod sandbox");
    text.sample(
        Map.of(),
        containers.stream()
            .filter(ContainerObservation::isRunning)
            .map(ContainerObservation::podUid)
            .distinct()
            .count());
    text.family("kubelet_running_containers", Type.GAUGE, "Number of containers currently running");
    states(containers)
        .forEach((state, count) -> text.sample(Map.of("container_state", state), count));
    process(text, stat, openFiles, bootSeconds);
    return text.toString();
  }

  private static Map<String, Integer> states(List<ContainerObservation> containers) {
    Map<String, Integer> states = new LinkedHashMap<>();
    for (ContainerObservation each : containers) {
      String state =
          switch (each.phase()) {
            case CREATED -> "created";
            case RUNNING -> "running";
            case EXITED -> "exited";
          };
      states.merge(state, 1, Integer::sum);
    }
    return states;
  }

  private static void process(PrometheusText text, String stat, long openFiles, long bootSeconds) {
    // The command's name may hold blanks; the numbers begin behind its bracket.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
    if (fields.length <= RSS_PAGES) {
      return;
    }
    text.family(
        "process_cpu_seconds_total",
        Type.COUNTER,
        "Total user and system CPU time spent in seconds.");
    text.sample(
        Map.of(),
        (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
            / TICKS_PER_SECOND);
    text.family("process_open_fds", Type.GAUGE, "Number of open file descriptors.");
    text.sample(Map.of(), openFiles);
    text.family("process_resident_memory_bytes", Type.GAUGE, "Resident memory size in bytes.");
    text.sample(Map.of(), Long.parseLong(fields[RSS_PAGES]) * PAGE_BYTES);
    text.family(
        "process_start_time_seconds",
        Type.GAUGE,
        "Start time of the process since unix epoch in seconds.");
    text.sample(Map.of(), bootSeconds + Long.parseLong(fields[START_TIME]) / TICKS_PER_SECOND);
  }
}
