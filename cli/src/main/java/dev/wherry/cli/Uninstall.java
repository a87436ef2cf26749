package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wherry uninstall}: the opposite of {@code install}. */
@Command(
    name = "uninstall",
    description =
        "Stops and removes Wherry's services; pods and data stay unless --purge is given.",
    mixinStandardHelpOptions = true)
final class Uninstall implements Callable<Integer> {
  @Mixin private Machine machine = new Machine();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--purge",
      description = "also removes pods, the data directory and the settings in /etc/wherry")
  private boolean purge;

  @Override
  public Integer call() throws IOException, InterruptedException {
    machine.requireSystemd();
    boolean any = false;
    for (ServiceUnit each : ServiceUnit.values()) {
      Path file = each.file(machine.root());
      if (Files.exists(file)) {
        if (machine.isThis()) {
          machine.systemctl("disable", "--now", each.fileName());
        } else {
          machine.systemctl("disable", each.fileName());
        }
        Files.delete(file);
        System.out.println("removed " + each.fileName());
        any = true;
      }
    }
    if (any && machine.isThis()) {
      machine.systemctl("daemon-reload");
    }
    if (purge) {
      if (machine.isThis() && Files.exists(cluster.dataDirectory().path())) {
        Down.purgeHeld(cluster.dataDirectory());
      }
      Down.deleteTree(machine.root().resolve("etc/wherry"));
    } else if (any && machine.isThis()) {
      System.out.println("the pods run on; 'wherry down --purge' removes them and the data");
    }
    if (!any) {
      System.out.println("no service of Wherry's is installed");
    }
    return 0;
  }
}
