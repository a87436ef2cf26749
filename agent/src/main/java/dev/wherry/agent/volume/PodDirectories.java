package dev.wherry.agent.volume;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.nio.file.Path;

/**
 * Where a pod's files lie.
 *
 * @param data on disk: what survives a reboot (disk-backed volumes, logs)
 * @param run in memory, where there is a tmpfs: what is made anew (hosts files, secrets)
 */
public record PodDirectories(Path data, Path run) {

  public Path ofPod(PodUid pod) {
    return data.resolve("pods").resolve(pod.text());
  }

  public Path runOfPod(PodUid pod) {
    return run.resolve("pods").resolve(pod.text());
  }

  /** A disk-backed volume. */
  public Path volume(PodUid pod, String name) {
    return ofPod(pod).resolve("volumes").resolve(name);
  }

  /** A volume in memory or made of objects. */
  public Path runVolume(PodUid pod, String name) {
    return runOfPod(pod).resolve("volumes").resolve(name);
  }

  public Path hosts(PodUid pod) {
    return runOfPod(pod).resolve("hosts");
  }

  public Path resolvConf(PodUid pod) {
    return runOfPod(pod).resolve("resolv.conf");
  }

  public Path hostname(PodUid pod) {
    return runOfPod(pod).resolve("hostname");
  }

  /** Where the containers of a pod share memory by name. */
  public Path shm(PodUid pod) {
    return runOfPod(pod).resolve("shm");
  }

  public Path terminationLog(PodUid pod, String container, int attempt) {
    return runOfPod(pod).resolve("termination-log").resolve(container + "." + attempt);
  }

  public Path logs(ObjectKey pod, PodUid uid) {
    return data.resolve("logs").resolve(pod.namespace() + "_" + pod.name() + "_" + uid.text());
  }

  public Path log(ObjectKey pod, PodUid uid, String container, int attempt) {
    return logs(pod, uid).resolve(container).resolve(attempt + ".log");
  }
}
