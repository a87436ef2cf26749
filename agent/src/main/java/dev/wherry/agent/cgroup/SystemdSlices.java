package dev.wherry.agent.cgroup;

import dev.wherry.agent.host.Command;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Control groups as systemd's slices, for engines that have their containers' groups made by
 * systemd: {@code wherry_1f-kubepods-burstable-pod12_34.slice} (systemd.resource-control(5)).
 *
 * <p>A bound that systemd does not take is said in the log and not held; the pod runs, as its
 * containers' own limits are the engine's.
 */
public final class SystemdSlices implements GroupDriver {
  private static final Logger LOG = LoggerFactory.getLogger(SystemdSlices.class);
  private static final String SLICE = ".slice";

  private final Path mount;
  private final String root;

  /**
   * @param mount of version 2's hierarchy
   * @param root one step, this agent's alone
   */
  public SystemdSlices(Path mount, String root) {
    this.mount = mount;
    this.root = root;
  }

  @Override
  public String engineName(List<String> group) {
    StringBuilder name = new StringBuilder(escaped(root));
    group.forEach(step -> name.append('-').append(escaped(step)));
    return name.append(SLICE).toString();
  }

  /** A dash would be a step of its own. */
  private static String escaped(String step) {
    return step.replace('-', '_').replace('/', '_');
  }

  @Override
  public void apply(List<String> group, GroupLimits limits)
      throws IOException, InterruptedException {
    List<String> argv =
        new ArrayList<>(List.of("systemctl", "set-property", "--runtime", engineName(group)));
    argv.addAll(properties(limits));
    try {
      new Command(argv).run();
      Command.of("systemctl", "start", engineName(group)).run();
    } catch (IOException e) {
      LOG.warn("{} is not bounded as a whole: {}", engineName(group), e.getMessage());
    }
  }

  /** As systemd names them. */
  static List<String> properties(GroupLimits limits) {
    OptionalLong quota = limits.cpuQuotaMicros();
    // In per cent of one processor, hundredths included.
    String percent =
        quota.isPresent()
            ? "%d.%02d%%"
                .formatted(
                    quota.getAsLong() * 100 / CpuShares.PERIOD_MICROS,
                    quota.getAsLong() * 10_000 / CpuShares.PERIOD_MICROS % 100)
            : "";
    return List.of(
        "CPUWeight=" + CpuShares.weight(limits.cpuShares()),
        "CPUQuota=" + percent,
        "MemoryMax=" + text(limits.memoryBytes()),
        "TasksMax=" + text(limits.pids()));
  }

  private static String text(OptionalLong bound) {
    return bound.isPresent() ? Long.toString(bound.getAsLong()) : "infinity";
  }

  @Override
  public void remove(List<String> group) throws IOException, InterruptedException {
    String name = engineName(group);
    try {
      Command.of("systemctl", "stop", name).run();
      Command.of("systemctl", "revert", name).run();
    } catch (IOException e) {
      LOG.warn("{} stays: {}", name, e.getMessage());
    }
  }

  @Override
  public List<String> children(List<String> group) throws IOException {
    String prefix = engineName(group).replace(SLICE, "") + "-";
    List<String> steps = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory(group), "*" + SLICE)) {
      for (Path each : all) {
        String name = each.getFileName().toString();
        if (name.startsWith(prefix)) {
          steps.add(name.substring(prefix.length(), name.length() - SLICE.length()));
        }
      }
    } catch (NoSuchFileException _) {
      // No pod has been there yet.
    }
    return steps;
  }

  /** Slices lie in their parents: {@code a.slice/a-b.slice/a-b-c.slice}. */
  private Path directory(List<String> group) {
    Path directory = mount.resolve(engineName(List.of()));
    for (int steps = 1; steps <= group.size(); steps++) {
      directory = directory.resolve(engineName(group.subList(0, steps)));
    }
    return directory;
  }
}
