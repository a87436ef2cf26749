package dev.wherry.master.http;

import dev.wherry.api.tree.Obj;

/** What {@code /version} says: the version of Kubernetes whose API this is. */
final class ServerVersion {
  private static final String MAJOR = "1";
  private static final String MINOR = "33";

  /** Such as {@code v1.33.0}. */
  static final String TEXT = "v" + MAJOR + "." + MINOR + ".0+wherry";

  /** A {@code version.Info}. */
  static final Obj DOCUMENT =
      Obj.of(
          "major",
          MAJOR,
          "minor",
          MINOR,
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
