package dev.wherry.cli;

import dev.wherry.api.KubernetesVersion;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"Kubernetes API " + KubernetesVersion.GIT_VERSION};
  }
}
