package dev.wherry.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One kubectl of this machine.
 *
 * @param minor its minor version
 * @param whole whether every verb is tried with it, and not the core ones alone
 */
record Kubectl(String name, Path program, int minor, boolean whole) {
  private static final Pattern MINOR = Pattern.compile("\"minor\": *\"(\\d+)");

  /**
   * The one on the PATH, its siblings {@code kubectl.1.N} in the folder that it is linked from, and
   * Debian's, where each is to be had.
   */
  static List<Kubectl> all() {
    try {
      Path onPath = Path.of(sh("command -v kubectl").ok().strip());
      List<Path> others = new ArrayList<>();
      try (Stream<Path> siblings = Files.list(onPath.toRealPath().getParent())) {
        siblings
            .filter(each -> each.getFileName().toString().matches("kubectl\\.1\\.\\d+"))
            .sorted()
            .forEach(others::add);
      }
      List<Kubectl> all = new ArrayList<>();
      all.add(of("on the PATH", onPath, true));
      debian().forEach(each -> all.add(of("Debian's", each, true)));
      for (Path each : others) {
        all.add(of("sibling", each, each.equals(others.getLast())));
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** That of the package kubernetes-client, unpacked and not installed; none without a mirror. */
  private static List<Path> debian() throws IOException {
    Path folder = Shell.HOME.resolve("e2e/target/kubernetes-client");
    Path program = folder.resolve("usr/bin/kubectl");
    if (!Files.exists(program)) {
      Files.createDirectories(folder);
      sh("cd '" + folder + "' && apt-get -q download kubernetes-client && dpkg -x *.deb .");
    }
    return Files.exists(program) ? List.of(program) : List.of();
  }

  private static Shell.Result sh(String command) {
    return Shell.run(List.of("sh", "-c", command), "", Map.of());
  }

  private static Kubectl of(String where, Path program, boolean whole) {
    Shell.Result version =
        Shell.run(List.of(program.toString(), "version", "--client", "-o", "json"), "", Map.of());
    Matcher minor = MINOR.matcher(version.ok());
    if (!minor.find()) {
      throw new IllegalStateException(program + " tells no version: " + version);
    }
    return new Kubectl(
        "1." + minor.group(1) + " " + where, program, Integer.parseInt(minor.group(1)), whole);
  }

  @Override
  public String toString() {
    return name;
  }
}
