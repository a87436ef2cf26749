package dev.wherry.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code wherry} command. */
@Command(
    name = "wherry",
    description = "A small cluster that speaks the Kubernetes API.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class Wherry {

  /** By their names, in the order in which the help tells of them. */
  private static final Map<String, Class<?>> COMMANDS =
      commands(
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
          Install.class,
          Uninstall.class,
          Train.class);

  private Wherry() {}

  /** Runs the command line and exits with its code: 0 done, 1 failed, 2 wrong usage. */
  public static void main(String[] arguments) throws IOException {
    int code = run(arguments, System.err);
    String made = System.getProperty("wherry.made", "");
    if (code != 0 && !made.isEmpty()) {
      new DataDirectory(Path.of(made)).removeUnused();
    }
    System.exit(code);
  }

  static int run(String[] arguments, PrintStream errors) {
    CommandLine line = line(arguments);
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

  /**
   * The command line with the command that is asked for, or with all where none is: to read the
   * flags of one from its class takes longer than some commands do.
   */
  static CommandLine line(String... arguments) {
    CommandLine line = new CommandLine(new Wherry());
    Class<?> asked = arguments.length == 0 ? null : COMMANDS.get(arguments[0]);
    if (asked == null) {
      COMMANDS.forEach(line::addSubcommand);
    } else {
      line.addSubcommand(arguments[0], asked);
    }
    return line;
  }

  private static Map<String, Class<?>> commands(Class<?>... all) {
    Map<String, Class<?>> commands = new LinkedHashMap<>();
    for (Class<?> each : all) {
      commands.put(each.getAnnotation(Command.class).name(), each);
    }
    return commands;
  }
}
