package dev.wherry.agent.network.cni;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.util.List;

/**
 * A network configuration: plugins that are called one after the other. Pure and immutable.
 *
 * @param version of the specification that it is written in, such as {@code 1.0.0}
 * @param disableCheck whether plugins are not to be asked whether all is in place
 * @param disableGc whether plugins are not to be asked to clean up
 * @param plugins not empty, each with a {@code type}
 */
public record CniConfig(
    String version, String name, boolean disableCheck, boolean disableGc, List<Obj> plugins) {
  private static final String OLDEST = "0.1.0";

  public CniConfig {
    plugins = List.copyOf(plugins);
  }

  /**
   * Reads the text of a {@code .conflist}, or of a {@code .conf} with one plugin.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static CniConfig parse(String text) {
    Obj tree = tree(text);
    boolean list = tree.has("plugins");
    CniConfig config =
        new CniConfig(
            tree.string("cniVersion", OLDEST),
            tree.string("name"),
            tree.flag("disableCheck"),
            tree.flag("disableGC"),
            list ? tree.objs("plugins") : List.of(tree));
    if (config.name.isEmpty()) {
      throw new IllegalArgumentException("the configuration has no name");
    }
    if (config.plugins.isEmpty()) {
      throw new IllegalArgumentException("the configuration has no plugins");
    }
    for (Obj plugin : config.plugins) {
      if (plugin.string("type").isEmpty() || plugin.string("type").contains("/")) {
        throw new IllegalArgumentException("a plugin has no type: " + plugin);
      }
    }
    return config;
  }

  private static Obj tree(String text) {
    try {
      return Json.read(text);
    } catch (MalformedTreeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** As it was, for who keeps it. */
  Obj toTree() {
    return Obj.of(
        "cniVersion",
        version,
        "name",
        name,
        "disableCheck",
        disableCheck,
        "disableGC",
        disableGc,
        "plugins",
        plugins);
  }

  /** Whether any plugin wants to be told this when a pod comes. */
  public boolean hasCapability(String capability) {
    return plugins.stream().anyMatch(each -> each.obj("capabilities").flag(capability));
  }

  /** Whether plugins know the command CHECK, which came with 0.4.0. */
  boolean canCheck() {
    return !disableCheck && isAtLeast(0, 4);
  }

  /** Whether plugins know the commands STATUS and GC, which came with 1.1.0. */
  boolean knowsStatusAndGarbage() {
    return isAtLeast(1, 1);
  }

  /** Whether a deletion is told what the addition resulted in. */
  boolean tellsResultOnDeletion() {
    return isAtLeast(0, 4);
  }

  private boolean isAtLeast(int major, int minor) {
    String[] parts = version.split("\\.");
    try {
      int ours = Integer.parseInt(parts[0]);
      return ours > major
          || ours == major && parts.length > 1 && Integer.parseInt(parts[1]) >= minor;
    } catch (NumberFormatException _) {
      return false;
    }
  }

  /**
   * What a plugin reads: its own part, the list's name and version, what came of the plugins before
   * it, and of what is known about the pod that for which it declares a capability.
   *
   * @param before empty: the first plugin's addition
   * @param arguments by capability
   */
  Obj input(Obj plugin, Obj before, Obj arguments) {
    Obj.Builder told = Obj.builder();
    for (Obj.Entry each : arguments) {
      if (plugin.obj("capabilities").flag(each.key())) {
        told.put(each.key(), each.value());
      }
    }
    Obj input = plugin.with("name", name).with("cniVersion", version);
    Obj runtime = told.build();
    if (!runtime.isEmpty()) {
      input = input.with("runtimeConfig", runtime);
    }
    return before.isEmpty() ? input : input.with("prevResult", before);
  }
}
