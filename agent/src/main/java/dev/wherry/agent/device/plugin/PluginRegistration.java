package dev.wherry.agent.device.plugin;

import dev.wherry.proto.deviceplugin.RegisterRequest;
import java.util.regex.Pattern;

/** What a plugin says of itself when it registers, checked. Pure. */
final class PluginRegistration {
  private static final String VERSION = "v1beta1";
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");

  private PluginRegistration() {}

  /**
   * @throws IllegalArgumentException with words for the plugin's author
   */
  static void check(RegisterRequest plugin) {
    String name = plugin.getResourceName();
    if (!plugin.getVersion().equals(VERSION)) {
      throw new IllegalArgumentException(
          "requested API version \"%s\" is not supported by kubelet. Supported version is %s"
              .formatted(plugin.getVersion(), VERSION));
    }
    if (!NAME.matcher(name).matches()
        || name.substring(0, name.indexOf('/')).endsWith("kubernetes.io")) {
      throw new IllegalArgumentException(
          "the ResourceName \"" + name + "\" is invalid: it must be like example.com/serial");
    }
    String endpoint = plugin.getEndpoint();
    if (endpoint.isEmpty() || endpoint.contains("/") || endpoint.equals(PluginSocket.NAME)) {
      throw new IllegalArgumentException(
          "the endpoint must be the name of a socket beside "
              + PluginSocket.NAME
              + ", not \""
              + endpoint
              + "\"");
    }
  }
}
