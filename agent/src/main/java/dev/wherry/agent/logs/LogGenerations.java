package dev.wherry.agent.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of one log: the one that is written and those that rotation moved away, {@code
 * NAME.TIME} (ours) or {@code NAME.NUMBER} (Docker's, the higher the older). A file is known by
 * what the file system knows it by, since its name changes. Immutable; reads the directory anew at
 * each call.
 */
final class LogGenerations {
  /** Docker counts up to few; times have more digits. */
  private static final int MAX_NUMBER_DIGITS = 4;

  private final Path current;

  /**
   * @param log the file that is written, or a link to it
   */
  LogGenerations(Path log) {
    this.current = resolved(log);
  }

  private static Path resolved(Path log) {
    try {
      return Files.isSymbolicLink(log)
          ? log.resolveSibling(Files.readSymbolicLink(log)).normalize()
          : log;
    } catch (IOException _) {
      return log; // gone meanwhile: whoever opens it says so
    }
  }

  Path current() {
    return current;
  }

  /** Those moved away, oldest first. */
  List<Path> rotated() throws IOException {
    String prefix = current.getFileName() + ".";
    try (Stream<Path> files = Files.list(current.toAbsolutePath().getParent())) {
      return files
          .filter(each -> each.getFileName().toString().startsWith(prefix))
          .sorted(Comparator.comparing(each -> age(each, prefix.length())))
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  /** Sorts times upwards and numbers downwards. */
  private static String age(Path file, int prefix) {
    String suffix = file.getFileName().toString().substring(prefix);
    boolean isNumber =
        !suffix.isEmpty()
            && suffix.length() <= MAX_NUMBER_DIGITS
            && suffix.chars().allMatch(Character::isDigit);
    return isNumber ? "%04d".formatted(9999 - Integer.parseInt(suffix)) : suffix;
  }

  /** What the file system knows a file by; empty when it is not there. */
  static Optional<Object> key(Path file) throws IOException {
    try {
      return Optional.ofNullable(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /** The file that goes on after this one; empty while this one is the last. */
  Optional<Path> after(Object key) throws IOException {
    Optional<Object> now = key(current);
    if (now.isEmpty() || now.get().equals(key)) {
      return Optional.empty(); // not rotated, or the engine has not begun the next one yet
    }
    List<Path> files = new ArrayList<>(rotated());
    files.add(current);
    for (int i = 0; i < files.size() - 1; i++) {
      if (Objects.equals(key(files.get(i)).orElse(null), key)) {
        return Optional.of(files.get(i + 1));
      }
    }
    // It is too old and was removed while it was read: all that is left is newer.
    return Optional.of(files.getFirst());
  }
}
