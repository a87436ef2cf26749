package dev.wherry.agent.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * The users and groups that an image knows, by its own {@code /etc/passwd} and {@code /etc/group}
 * (passwd(5), group(5)). Immutable.
 */
public final class ImageAccounts {
  /** Of an image that knows nobody, or that was not asked. */
  public static final ImageAccounts NONE = new ImageAccounts("", "");

  private static final long MAX_BYTES = 1 << 20;

  private final List<String[]> users;
  private final List<String[]> groups;

  /**
   * @param passwd lines of {@code name:password:uid:gid:...}
   * @param group lines of {@code name:password:gid:member,...}
   */
  ImageAccounts(String passwd, String group) {
    this.users = entries(passwd);
    this.groups = entries(group);
  }

  /** Those whose third field is a number; others are no entries. */
  private static List<String[]> entries(String text) {
    return text.lines()
        .map(line -> line.split(":", -1))
        .filter(each -> each.length >= 4 && isNumber(each[2]))
        .toList();
  }

  private static boolean isNumber(String text) {
    return text.matches("\\d{1,10}");
  }

  /**
   * Reads them. A file that is no plain one, or larger than 1 MiB, counts as absent: no link of an
   * image is followed here.
   *
   * @param layers directories, the topmost first
   */
  public static ImageAccounts read(List<Path> layers) throws IOException {
    return new ImageAccounts(text(layers, "passwd"), text(layers, "group"));
  }

  private static String text(List<Path> layers, String name) throws IOException {
    for (Path layer : layers) {
      Path directory = layer.resolve("etc");
      Path file = directory.resolve(name);
      boolean covers = Files.exists(directory, LinkOption.NOFOLLOW_LINKS);
      if (covers && !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        return "";
      }
      if (covers && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        boolean plain = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
        return plain && Files.size(file) <= MAX_BYTES
            ? Files.readString(file, StandardCharsets.ISO_8859_1)
            : "";
      }
    }
    return "";
  }

  /**
   * The group that a user has first.
   *
   * @param user its name or its number
   */
  public OptionalLong groupOf(String user) {
    return users.stream()
        .filter(each -> isOf(each, user) && isNumber(each[3]))
        .mapToLong(each -> Long.parseLong(each[3]))
        .findFirst();
  }

  /**
   * The groups that have a user among their members, ascending.
   *
   * @param user its name or its number
   */
  public LongStream membershipsOf(String user) {
    List<String> names =
        users.stream().filter(each -> isOf(each, user)).map(each -> each[0]).limit(1).toList();
    return groups.stream()
        .filter(each -> List.of(each[3].split(",")).stream().anyMatch(names::contains))
        .mapToLong(each -> Long.parseLong(each[2]))
        .sorted()
        .distinct();
  }

  private static boolean isOf(String[] entry, String user) {
    return entry[0].equals(user) || entry[2].equals(user);
  }
}
