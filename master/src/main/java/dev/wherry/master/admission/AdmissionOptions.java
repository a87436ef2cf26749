package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;

/**
 * How the steps of admission are configured (apiserver.config.k8s.io/v1 AdmissionConfiguration).
 * Immutable.
 */
public record AdmissionOptions(PodSecurityOptions podSecurity, QuotaOptions quota) {
  /** Where nothing is said. */
  public static final AdmissionOptions STANDARD =
      new AdmissionOptions(PodSecurityOptions.STANDARD, QuotaOptions.STANDARD);

  /**
   * Reads the configuration.
   *
   * @throws IllegalArgumentException with a message for the user when it is none, or configures
   *     another plugin
   */
  public static AdmissionOptions parse(Obj configuration) {
    if (!configuration.string("kind").equals("AdmissionConfiguration")
        || !configuration.string("apiVersion").equals("apiserver.config.k8s.io/v1")) {
      throw new IllegalArgumentException(
          "expected apiVersion apiserver.config.k8s.io/v1 and kind AdmissionConfiguration, not"
              + " \"%s\" and \"%s\""
                  .formatted(configuration.string("apiVersion"), configuration.string("kind")));
    }
    AdmissionOptions options = STANDARD;
    for (Obj plugin : configuration.objs("plugins")) {
      String name = plugin.string("name");
      Obj inline = plugin.obj("configuration");
      options =
          switch (name) {
            case "PodSecurity" ->
                new AdmissionOptions(PodSecurityOptions.parse(inline), options.quota());
            case "ResourceQuota" ->
                new AdmissionOptions(options.podSecurity(), QuotaOptions.parse(inline));
            default ->
                throw new IllegalArgumentException(
                    "the plugin \"" + name + "\" has no configuration here");
          };
    }
    return options;
  }
}
