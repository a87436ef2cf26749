package dev.wherry.cli;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where a flag that is not given has its value from: the environment ({@code WHERRY_API_PORT} for
 * {@code --api-port}), then the configuration file ({@code api-port: 6443}), then the flag's own
 * default. Immutable.
 */
final class Settings implements IDefaultValueProvider {
  static final Path DEFAULT_FILE = Path.of("/etc/wherry/config.yaml");

  /** Members that hold more than a plain value. */
  private static final Set<String> TREES = Set.of("devices");

  private final Map<String, String> environment;
  private final Map<?, ?> file;

  private Settings(Map<String, String> environment, Map<?, ?> file) {
    this.environment = environment;
    this.file = file;
  }

  /**
   * Reads the file named by {@code --config}, by {@code WHERRY_CONFIG}, or the default one where it
   * exists.
   *
   * @throws UserError when a file that was named is missing, or a file is no flat YAML mapping
   */
  static Settings load(String[] arguments, Map<String, String> environment) {
    String named = environment.get("WHERRY_CONFIG");
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].startsWith("--config=")) {
        named = arguments[i].substring("--config=".length());
      } else if (arguments[i].equals("--config") && i + 1 < arguments.length) {
        named = arguments[i + 1];
      }
    }
    if (named == null && !Files.exists(DEFAULT_FILE)) {
      return new Settings(environment, Map.of());
    }
    Path path = named == null ? DEFAULT_FILE : Path.of(named);
    return new Settings(environment, read(path));
  }

  private static Map<?, ?> read(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      Object yaml =
          new Load(LoadSettings.builder().setLabel(path.toString()).build())
              .loadFromInputStream(in);
      if (yaml == null) {
        return Map.of();
      }
      if (yaml instanceof Map<?, ?> map) {
        map.forEach(
            (key, value) -> {
              if (isTree(value) && !TREES.contains(String.valueOf(key))) {
                throw new UserError(
                    path + ": '" + key + "' must be a plain value, as the flag of that name");
              }
            });
        return map;
      }
      throw new UserError(path + ": expected 'flag: value' lines");
    } catch (IOException e) {
      throw new UserError("cannot read the configuration " + path + ": " + e.getMessage(), e);
    } catch (YamlEngineException e) {
      throw new UserError(
          path + " is no YAML: " + String.valueOf(e.getMessage()).replace('\n', ' '), e);
    }
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)) {
      return null;
    }
    String name = option.longestName().replaceFirst("^-+", "");
    String variable = "WHERRY_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    String fromEnvironment = environment.get(variable);
    if (fromEnvironment != null) {
      return fromEnvironment;
    }
    Object fromFile = file.get(name);
    return fromFile == null ? null : text(fromFile);
  }

  private static boolean isTree(Object value) {
    return value instanceof Map || value instanceof Iterable;
  }

  /** What is no plain value is given to its flag as JSON. */
  private static String text(Object value) {
    if (!isTree(value)) {
      return Objects.toString(value);
    }
    try {
      return Json.text(Obj.valueOf(value));
    } catch (IllegalArgumentException | ClassCastException e) {
      throw new UserError("the configuration has a value that is none of JSON's: " + value, e);
    }
  }
}
