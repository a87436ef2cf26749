package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What pods are held to where their namespace says nothing, and who is exempt
 * (pod-security.admission.config.k8s.io/v1 PodSecurityConfiguration). Immutable.
 */
public record PodSecurityOptions(
    Map<Mode, PodPolicy> defaults,
    List<String> usernames,
    List<String> namespaces,
    List<String> runtimeClasses) {
  /** Everybody may do everything where labels do not say otherwise. */
  public static final PodSecurityOptions STANDARD =
      new PodSecurityOptions(Map.of(), List.of(), List.of(), List.of());

  private static final String GROUP = "pod-security.admission.config.k8s.io/";

  /** What becomes of a violation. */
  enum Mode {
    ENFORCE,
    AUDIT,
    WARN;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public PodSecurityOptions {
    defaults = Map.copyOf(defaults);
    usernames = List.copyOf(usernames);
    namespaces = List.copyOf(namespaces);
    runtimeClasses = List.copyOf(runtimeClasses);
  }

  PodPolicy fallback(Mode mode) {
    return defaults.getOrDefault(mode, PodPolicy.PRIVILEGED);
  }

  /**
   * Reads the configuration of the plugin.
   *
   * @throws IllegalArgumentException with a message for the user when it is none
   */
  static PodSecurityOptions parse(Obj inline) {
    if (!inline.string("kind").equals("PodSecurityConfiguration")
        || !inline.string("apiVersion").startsWith(GROUP)) {
      throw new IllegalArgumentException(
          "the plugin PodSecurity wants a PodSecurityConfiguration of " + GROUP + "v1 inline");
    }
    Obj said = inline.obj("defaults");
    Map<Mode, PodPolicy> defaults = new EnumMap<>(Mode.class);
    for (Mode mode : Mode.values()) {
      String level = said.string(mode.text(), PodPolicy.Level.PRIVILEGED.text());
      String version = said.string(mode.text() + "-version", PodPolicy.LATEST);
      if (!PodPolicy.isVersion(version)) {
        throw new IllegalArgumentException(
            "defaults." + mode.text() + "-version: Invalid value: \"" + version + "\"");
      }
      PodPolicy.Level known =
          PodPolicy.Level.of(level)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "defaults." + mode.text() + ": Invalid value: \"" + level + "\""));
      defaults.put(mode, new PodPolicy(known, version));
    }
    Obj exempt = inline.obj("exemptions");
    return new PodSecurityOptions(
        defaults,
        exempt.strings("usernames"),
        exempt.strings("namespaces"),
        exempt.strings("runtimeClasses"));
  }
}
