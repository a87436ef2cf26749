package dev.wherry.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code wherry} command. */
@Command(
    name = "wherry",
    description = "A small cluster that speaks the Kubernetes API.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      Up.class,
      ServerCommand.class,
      Demo.class,
      Status.class,
      Down.class,
      KubeconfigCommand.class,
      MasterCommand.class,
      AgentCommand.class,
      TokenCommand.class,
      CheckConfig.class,
      StoreCommand.class,
      Train.class
    })
public final class Wherry {

  private Wherry() {}

  /** Runs the command line and exits with its code: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.err));
  }

  static int run(String[] arguments, PrintStream errors) {
    CommandLine line = new CommandLine(new Wherry());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    try {
      line.setDefaultValueProvider(Settings.load(arguments, System.getenv()));
    } catch (UserError e) {
      errors.println("wherry: " + e.getMessage());
      return 1;
    }
    line.setExecutionExceptionHandler(
        (failure, _, _) -> {
          if (failure instanceof UserError) {
            errors.println("wherry: " + failure.getMessage());
          } else {
            failure.printStackTrace(errors);
          }
          return 1;
        });
    return line.execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
  }
}
