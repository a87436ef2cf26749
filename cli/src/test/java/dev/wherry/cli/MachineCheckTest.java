package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MachineCheckTest {
  private static final Map<String, String> ALL_TOOLS =
      Map.of(
          "podman",
          "podman version 4.3.1",
          "runc",
          "runc version 1.1.5",
          "conmon",
          "conmon 2.1.6",
          "nft",
          "nftables v1.0.6",
          "ip",
          "ip utility",
          "nsenter",
          "nsenter",
          "conntrack",
          "1.4.7",
          "kubectl",
          "v1.32");
  private static final List<String> CONTROLLERS = List.of("cpu", "memory", "pids");

  private static MachineCheck machine(Map<String, String> tools, List<String> controllers) {
    return new MachineCheck(
        true,
        tools,
        controllers,
        true,
        true,
        1L << 30,
        1L << 30,
        EngineFlags.Engine.PODMAN,
        Optional.empty());
  }

  private static List<String> problems(MachineCheck check) {
    return check.findings().stream()
        .filter(f -> f.level() != MachineCheck.Level.OK)
        .map(f -> f.level() + " " + f.name() + ": " + f.fix())
        .toList();
  }

  @Test
  void saysNothingIsWrongOfAWholeMachine() {
    assertThat(problems(machine(ALL_TOOLS, CONTROLLERS))).isEmpty();
  }

  @Test
  void namesThePackageOfAMissingTool() {
    Map<String, String> tools = new HashMap<>(ALL_TOOLS);
    tools.remove("podman");
    assertThat(problems(machine(tools, CONTROLLERS)))
        .containsExactly("MISSING podman: apt-get install podman");
  }

  @Test
  void onlyWarnsOfAMissingKubectl() {
    Map<String, String> tools = new HashMap<>(ALL_TOOLS);
    tools.remove("kubectl");
    assertThat(problems(machine(tools, CONTROLLERS)))
        .containsExactly("WARNING kubectl: apt-get install kubernetes-client");
  }

  @Test
  void tellsHowToEnableTheMemoryControllerOfARaspberryPi() {
    assertThat(problems(machine(ALL_TOOLS, List.of("cpu", "pids"))))
        .singleElement()
        .asString()
        .startsWith("MISSING cgroups: add 'cgroup_enable=memory");
  }

  @Test
  void tellsOfADeadPodmanSocket() {
    MachineCheck check =
        new MachineCheck(
            true,
            ALL_TOOLS,
            CONTROLLERS,
            false,
            true,
            1L << 30,
            1L << 30,
            EngineFlags.Engine.PODMAN,
            Optional.of(false));
    assertThat(problems(check)).singleElement().asString().contains("podman.log");
  }

  @Test
  void needsNoPodmanForANodeOnDocker() {
    Map<String, String> tools = new HashMap<>(ALL_TOOLS);
    tools.keySet().removeAll(List.of("podman", "runc", "conmon"));
    MachineCheck check =
        new MachineCheck(
            true,
            tools,
            CONTROLLERS,
            false,
            true,
            1L << 30,
            1L << 30,
            EngineFlags.Engine.DOCKER,
            Optional.of(false));
    assertThat(problems(check))
        .containsExactly(
            "MISSING dockerd: apt-get install docker.io",
            "MISSING docker-api: start it: systemctl enable --now docker");
  }
}
