package dev.wherry.agent.volume;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.nio.file.Path;

/**
 * Where a pod's files lie.
 *
 * @param data on disk: what survives a reboot (disk-backed volumes, logs)
 * @param run in memory, where there is a tmpfs: what is made anew (hosts files, secrets)
 * @param logs of containers, {@code /var/log} or a directory of the agent's own
 */
public record PodDirectories(Path data, Path run, Path logs) {
  static final String VOLUMES = "volumes";

  /** With logs in the data directory. */
  public PodDirectories(Path data, Path run) {
    this(data, run, data.resolve("log"));
  }

  public Path ofPod(PodUid pod) {
    return data.resolve("pods").resolve(pod.text());
  }

  public Path runOfPod(PodUid pod) {
    return run.resolve("pods").resolve(pod.text());
  }

  /** Where the pod's disk-backed volumes lie. */
  Path volumes(PodUid pod) {
    return ofPod(pod).resolve(VOLUMES);
  }

  /** A disk-backed volume. */
  public Path volume(PodUid pod, String name) {
    return volumes(pod).resolve(name);
  }

  /** A volume in memory or made of objects. */
  public Path runVolume(PodUid pod, String name) {
    return runOfPod(pod).resolve(VOLUMES).resolve(name);
  }

  /** Where a part of a volume is mounted for one mount of a container. */
  public Path staged(PodUid pod, String container, int mount) {
    return runOfPod(pod).resolve("staged").resolve(container).resolve(Integer.toString(mount));
  }

  /** Names the image whose files are mounted as a volume of the pod. */
  Path imageMark(PodUid pod, String volume) {
    return runOfPod(pod).resolve(ImageMounts.MARKS).resolve(volume);
  }

  /** Says whose ids of the host the pod's users are, where they are not the host's. */
  public Path users(PodUid pod) {
    return runOfPod(pod).resolve("users");
  }

  /** Tokens of the pod's account, in memory alone. */
  Path tokens(PodUid pod) {
    return runOfPod(pod).resolve("tokens");
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

  /** What the IPC namespace of a pod in the host's network is mounted on. */
  public Path ipc(PodUid pod) {
    return runOfPod(pod).resolve("ipc");
  }

  public Path terminationLog(PodUid pod, String container, int attempt) {
    return runOfPod(pod).resolve("termination-log").resolve(container + "." + attempt);
  }

  public Path logs(ObjectKey pod, PodUid uid) {
    return logs.resolve("pods").resolve(pod.namespace() + "_" + pod.name() + "_" + uid.text());
  }

  public Path log(ObjectKey pod, PodUid uid, String container, int attempt) {
    return logs(pod, uid).resolve(container).resolve(attempt + ".log");
  }
}
