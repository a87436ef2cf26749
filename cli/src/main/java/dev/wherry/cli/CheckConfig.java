package dev.wherry.cli;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wherry check-config}. Exit code 0 when nothing that is needed lacks, else 1. */
@Command(
    name = "check-config",
    description = "Says what this machine lacks and how to fix it.",
    mixinStandardHelpOptions = true)
final class CheckConfig implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Mixin private EngineFlags engine = new EngineFlags();

  @Option(
      names = {"-o", "--output"},
      description = "text or json",
      defaultValue = "text")
  private Status.Format format = Status.Format.TEXT;

  @Override
  public Integer call() {
    List<MachineCheck.Finding> findings =
        MachineCheck.ofThisMachine(cluster.dataDirectory(), engine).findings();
    if (format == Status.Format.JSON) {
      List<Obj> checks =
          findings.stream()
              .map(
                  f ->
                      Obj.of(
                          "name",
                          f.name(),
                          "level",
                          f.level().name().toLowerCase(java.util.Locale.ROOT),
                          "found",
                          f.found(),
                          "fix",
                          f.fix()))
              .toList();
      System.out.println(Json.text(Obj.of("checks", checks)));
    } else {
      for (MachineCheck.Finding finding : findings) {
        System.out.printf("%-7s %-12s %s%n", finding.level(), finding.name(), finding.found());
        if (!finding.fix().isEmpty()) {
          System.out.println("                     fix: " + finding.fix());
        }
      }
    }
    return findings.stream().anyMatch(f -> f.level() == MachineCheck.Level.MISSING) ? 1 : 0;
  }
}
