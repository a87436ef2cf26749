package dev.wherry.agent.runtime;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import java.util.List;

/**
 * How registries are reached: by which mirrors, with which keys. Immutable.
 *
 * @param mirrors asked before the registry itself, in their order
 */
public record RegistrySettings(List<Mirror> mirrors, List<Host> hosts) {
  public static final RegistrySettings NONE = new RegistrySettings(List.of(), List.of());

  public RegistrySettings {
    mirrors = List.copyOf(mirrors);
    hosts = List.copyOf(hosts);
  }

  /**
   * @param registry as image names begin: {@code docker.io}
   */
  public record Mirror(String registry, List<Endpoint> endpoints) {}

  /**
   * @param location host, with a port or without, and what goes before a repository's name
   * @param plainHttp whether it may be asked without TLS
   */
  public record Endpoint(String location, boolean plainHttp) {}

  /**
   * A host that registries or mirrors are on.
   *
   * @param name with a port or without
   * @param identityToken in the place of a password; empty: none
   * @param skipVerify whether its certificate is not looked at
   * @param caFile PEM; empty: the machine's authorities. So the two others, for a client's
   *     certificate
   */
  public record Host(
      String name,
      Credentials credentials,
      String identityToken,
      boolean skipVerify,
      String caFile,
      String certFile,
      String keyFile) {
    @Override
    public String toString() {
      return "Host[" + name + "]";
    }
  }
}
