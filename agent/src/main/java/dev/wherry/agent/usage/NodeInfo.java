package dev.wherry.agent.usage;

import dev.wherry.api.tree.Obj;

/**
 * What the node's software is (v1.NodeSystemInfo).
 *
 * @param architecture in Go's words: amd64, arm64
 */
public record NodeInfo(
    String machineId,
    String systemUuid,
    String bootId,
    String kernelVersion,
    String osImage,
    String containerRuntimeVersion,
    String kubeletVersion,
    String architecture) {

  public static NodeInfo read(String containerRuntimeVersion, String kubeletVersion) {
    return new NodeInfo(
        Proc.text("/etc/machine-id"),
        Proc.text("/sys/class/dmi/id/product_uuid"),
        Proc.text("/proc/sys/kernel/random/boot_id"),
        Proc.text("/proc/sys/kernel/osrelease"),
        Proc.osImage(),
        containerRuntimeVersion,
        kubeletVersion,
        goArchitecture());
  }

  /** This machine's architecture as Go, and so Kubernetes, calls it. */
  public static String goArchitecture() {
    String name = System.getProperty("os.arch", "");
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }

  Obj toObj() {
    return Obj.of(
        "machineID",
        machineId,
        "systemUUID",
        systemUuid,
        "bootID",
        bootId,
        "kernelVersion",
        kernelVersion,
        "osImage",
        osImage,
        "containerRuntimeVersion",
        containerRuntimeVersion,
        "kubeletVersion",
        kubeletVersion,
        "kubeProxyVersion",
        "",
        "operatingSystem",
        "linux",
        "architecture",
        architecture);
  }
}
