package dev.wherry.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads /proc (proc(5)). */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  /** A process and its resident set. */
  record Usage(String name, long pid, long rssBytes) {}

  private Processes() {}

  /**
   * When the process started, in clock ticks since boot: with the pid it names a process for good.
   */
  static Optional<Long> startTicks(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      // The command's name stands in parentheses and may hold blanks; field 3 follows it, field 22
      // is the start.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Optional.of(Long.parseLong(fields[19]));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // gone
    }
  }

  static long rssBytes(long pid) {
    try {
      for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      return 0; // gone
    }
    return 0;
  }

  /**
   * Processes of this program one of whose arguments lies in the directory, such as its Podman
   * service.
   */
  static List<Usage> of(String program, Path directory) {
    List<Usage> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : entries) {
        String[] arguments = arguments(entry);
        if (arguments.length > 0
            && Path.of(arguments[0]).endsWith(program)
            && namesBelow(arguments, directory)) {
          long pid = Long.parseLong(entry.getFileName().toString());
          found.add(new Usage(program, pid, rssBytes(pid)));
        }
      }
    } catch (IOException e) {
      return found; // processes come and go while /proc is read
    }
    return found;
  }

  private static boolean namesBelow(String[] arguments, Path directory) {
    for (String argument : arguments) {
      if (argument.startsWith(directory + "/")) {
        return true;
      }
    }
    return false;
  }

  private static String[] arguments(Path process) {
    try {
      String line =
          new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
      return line.isEmpty() ? new String[0] : line.split("\0");
    } catch (IOException e) {
      return new String[0]; // gone
    }
  }
}
