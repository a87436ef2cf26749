package dev.wherry.agent.cgroup;

import java.io.IOException;
import java.util.List;

/**
 * Who makes control groups. A group is named by the steps that lead to it below the root that is
 * this agent's: {@code kubepods, burstable, pod1234}. Thread-safe.
 */
public interface GroupDriver {
  /** As an engine's {@code cgroup_parent} has it. */
  String engineName(List<String> group);

  /** Makes the group where it is missing, and gives it these bounds. */
  void apply(List<String> group, GroupLimits limits) throws IOException, InterruptedException;

  /** Removes the group and what is below it; processes in it have ended. Absent is no error. */
  void remove(List<String> group) throws IOException, InterruptedException;

  /** The last steps of the groups directly below. */
  List<String> children(List<String> group) throws IOException;
}
