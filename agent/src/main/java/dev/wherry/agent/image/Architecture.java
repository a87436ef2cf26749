package dev.wherry.agent.image;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Which architectures' images this machine runs, in the words of images ({@code GOARCH}). */
final class Architecture {
  private static final Path BINFMT = Path.of("/proc/sys/fs/binfmt_misc");
  private static final Map<String, String> OF_JAVA =
      Map.of("amd64", "amd64", "aarch64", "arm64", "arm", "arm", "i386", "386", "x86", "386");

  /** What a processor runs besides its own (32 bits on 64). */
  private static final Map<String, Set<String>> COMPATIBLE =
      Map.of("amd64", Set.of("386"), "arm64", Set.of("arm"));

  /** As emulators are registered with the kernel by Debian's qemu-user-static. */
  private static final Map<String, String> EMULATED =
      Map.of(
          "amd64", "x86_64",
          "386", "i386",
          "arm64", "aarch64",
          "arm", "arm",
          "riscv64", "riscv64",
          "ppc64le", "ppc64le",
          "s390x", "s390x");

  private Architecture() {}

  static String ofThisMachine() {
    String java = System.getProperty("os.arch", "");
    return OF_JAVA.getOrDefault(java, java);
  }

  /** Whether images of it start here; one that says nothing may. */
  static boolean runs(String architecture) {
    String own = ofThisMachine();
    return architecture.isEmpty()
        || architecture.equals(own)
        || COMPATIBLE.getOrDefault(own, Set.of()).contains(architecture)
        || Files.exists(BINFMT.resolve("qemu-" + EMULATED.getOrDefault(architecture, "none")));
  }
}
