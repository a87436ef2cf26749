package dev.wherry.cli;

import dev.wherry.master.bootstrap.SecretsAtRest;
import dev.wherry.master.store.disk.StoreBackup;
import dev.wherry.master.store.disk.StoreCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code wherry store}: what to do with a master's data while it does not run. */
@Command(
    name = "store",
    description = "Checks, backs up and restores the data of a master that is down.",
    mixinStandardHelpOptions = true,
    subcommands = {
      StoreCommand.Check.class,
      StoreCommand.Backup.class,
      StoreCommand.Restore.class,
      StoreCommand.RotateKey.class
    })
final class StoreCommand {

  private static Path store(ClusterOptions cluster) {
    return new Layout(cluster.dataDirectory()).master().resolve("store");
  }

  private static UserError failed(IOException e) {
    return new UserError(String.valueOf(e.getMessage()), e);
  }

  /** {@code wherry store check}: 0 when a start succeeds with all that was acknowledged, else 1. */
  @Command(
      name = "check",
      description = "Reads every file of the store and says what is damaged; changes nothing.",
      mixinStandardHelpOptions = true)
  static final class Check implements Callable<Integer> {
    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Override
    public Integer call() {
      try {
        StoreCheck check = StoreCheck.of(store(cluster));
        check.lines().forEach(System.out::println);
        check.problems().forEach(problem -> System.out.println("problem: " + problem));
        System.out.println(
            check.startable()
                ? "the store can be started"
                : "the store cannot be started; 'wherry store restore FILE' puts a backup in its"
                    + " place");
        return check.startable() ? 0 : 1;
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  /** {@code wherry store backup FILE}. */
  @Command(
      name = "backup",
      description = "Writes the state of the store to one file.",
      mixinStandardHelpOptions = true)
  static final class Backup implements Callable<Integer> {
    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Parameters(paramLabel = "FILE", description = "the file to make")
    private Path file = Path.of("");

    @Override
    public Integer call() {
      if (Files.exists(file)) {
        throw new UserError(file + " is there already; a backup overwrites nothing");
      }
      try {
        StoreBackup.write(store(cluster), file);
        System.out.println(file + ": " + Files.size(file) + " bytes");
        return 0;
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  /** {@code wherry store restore FILE}. */
  @Command(
      name = "restore",
      description = "Puts a backup in the place of the store, which is kept beside it.",
      mixinStandardHelpOptions = true)
  static final class Restore implements Callable<Integer> {
    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Parameters(paramLabel = "FILE", description = "a file that 'wherry store backup' made")
    private Path file = Path.of("");

    @Override
    public Integer call() {
      if (!Files.isRegularFile(file)) {
        throw new UserError(file + " is not a file");
      }
      try {
        Path replaced = StoreBackup.restore(store(cluster), file);
        System.out.println("restored; what was there before is in " + replaced);
        return 0;
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  /** {@code wherry store rotate-key}. */
  @Command(
      name = "rotate-key",
      description = "Makes a new encryption key and seals every Secret by it.",
      mixinStandardHelpOptions = true)
  static final class RotateKey implements Callable<Integer> {
    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Override
    public Integer call() {
      Path master = new Layout(cluster.dataDirectory()).master();
      if (!Files.isDirectory(master.resolve("store"))) {
        throw new UserError("there is no store in " + master);
      }
      try {
        System.out.println(SecretsAtRest.rotate(master) + " secrets are sealed by a new key");
        return 0;
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}
