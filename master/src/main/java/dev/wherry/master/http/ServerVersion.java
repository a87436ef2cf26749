package dev.wherry.master.http;

import dev.wherry.api.KubernetesVersion;
import dev.wherry.api.tree.Obj;

/** What {@code /version} says: the version of Kubernetes whose API this is. */
final class ServerVersion {
  /** Such as {@code v1.36.0}. */
  static final String TEXT = KubernetesVersion.GIT_VERSION;

  /** A {@code version.Info}. */
  static final Obj DOCUMENT =
      Obj.of(
          "major",
          KubernetesVersion.MAJOR,
          "minor",
          KubernetesVersion.MINOR,
          "gitVersion",
          TEXT,
          "gitCommit",
          "",
          "gitTreeState",
          "clean",
          "buildDate",
          "1970-01-01T00:00:00Z",
          "goVersion",
          "",
          "compiler",
          "javac",
          "platform",
          "linux/" + architecture());

  private ServerVersion() {}

  /** As Go names it. */
  private static String architecture() {
    String arch = System.getProperty("os.arch", "");
    return switch (arch) {
      case "aarch64" -> "arm64";
      case "x86_64" -> "amd64";
      default -> arch;
    };
  }
}
