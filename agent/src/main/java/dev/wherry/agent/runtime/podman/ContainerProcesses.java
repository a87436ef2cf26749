package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.linux.HeldProcess;
import dev.wherry.agent.linux.Linux;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first processes of containers that were seen to run. They get their signals from here, with
 * one system call: Podman would look at the container, wait for its lock and start the OCI runtime,
 * which is most of what the end of a container costs (docs/adr/0022-signals-without-podman.md).
 *
 * <p>A process is signalled only while it is held and found in its container's control group, so
 * that a number that has become another's does no harm. Thread-safe.
 */
final class ContainerProcesses {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerProcesses.class);

  /** Past it the one that was seen longest ago is forgotten, and Podman sends its signals. */
  static final int MAX_KNOWN = 1024;

  private static final int SIGKILL = 9;

  private final Map<String, Known> known = new LinkedHashMap<>();

  /**
   * @param stopSignal empty: one that only Podman understands
   */
  private record Known(long pid, OptionalInt stopSignal) {}

  /** Takes note of Podman's word on a container (libpod's inspect). */
  synchronized void follow(Obj inspected) {
    String id = inspected.string("Id");
    Obj state = inspected.obj("State");
    long pid = state.number("Pid", 0);
    known.remove(id);
    if (Linux.isPossible() && pid > 0 && state.string("Status").equals("running")) {
      known.put(id, new Known(pid, StopSignal.of(inspected.obj("Config")).number()));
      if (known.size() > MAX_KNOWN) {
        known.remove(known.keySet().iterator().next());
      }
    }
  }

  synchronized void forget(String id) {
    known.remove(id);
  }

  private synchronized Optional<Known> find(String id) {
    return Optional.ofNullable(known.get(id));
  }

  /** Sends the container's stop signal; false: it must be sent by Podman. */
  boolean terminate(String id) {
    Optional<Known> process = find(id);
    return process.isPresent()
        && process.get().stopSignal().isPresent()
        && send(id, process.get().pid(), process.get().stopSignal().getAsInt());
  }

  /** Sends SIGKILL; false: it must be sent by Podman. */
  boolean kill(String id) {
    return find(id).filter(process -> send(id, process.pid(), SIGKILL)).isPresent();
  }

  /**
   * Ends what a container has left that ended in others' process namespace: its own would have
   * taken all along, and so does what other engines run containers with.
   *
   * @param inspected Podman's word on it
   */
  void endRest(Obj inspected) {
    boolean isOwn = inspected.obj("HostConfig").string("PidMode").equals("private");
    String status = inspected.obj("State").string("Status");
    // "stopped" until somebody has cleaned up.
    boolean hasEnded = status.equals("exited") || status.equals("stopped");
    if (Linux.isPossible() && hasEnded && !isOwn) {
      String id = inspected.string("Id");
      ProcessHandle.allProcesses()
          .mapToLong(ProcessHandle::pid)
          .filter(pid -> isIn(id, pid))
          .forEach(pid -> send(id, pid, SIGKILL));
    }
  }

  /** Conmon has another group. */
  private static boolean isIn(String id, long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains("/libpod-" + id);
    } catch (IOException _) {
      return false; // it has just ended
    }
  }

  private static boolean send(String id, long pid, int signal) {
    try (HeldProcess process = HeldProcess.open(pid)) {
      if (!Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains(id)) {
        return false;
      }
      process.signal(signal);
      return true;
    } catch (IOException e) {
      LOG.debug("container {}: its process {}: {}", id, pid, e.toString()); // Podman knows better
      return false;
    }
  }
}
