package dev.wherry.agent.cgroup;

import java.util.List;

/** For machines that let us make no control groups: containers' own limits are all there is. */
public final class NoGroups implements GroupDriver {
  @Override
  public String engineName(List<String> group) {
    return "";
  }

  @Override
  public void apply(List<String> group, GroupLimits limits) {}

  @Override
  public void remove(List<String> group) {}

  @Override
  public List<String> children(List<String> group) {
    return List.of();
  }
}
