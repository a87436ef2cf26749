package dev.wherry.api;

/** The version of the Kubernetes API that this build speaks: that of its schema table. */
public final class KubernetesVersion {
  public static final String MAJOR = "1";
  public static final String MINOR = "36";

  /** As {@code /version} and the nodes' {@code kubeletVersion} say it. */
  public static final String GIT_VERSION = "v" + MAJOR + "." + MINOR + ".0+wherry";

  private KubernetesVersion() {}
}
