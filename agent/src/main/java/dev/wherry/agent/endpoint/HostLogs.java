package dev.wherry.agent.endpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The machine's log directory as pages (kubelet: {@code logs/}): a list of links for a directory,
 * the bytes of a file. What leads out of it, by {@code ..} or by a link, is not there. Immutable.
 */
record HostLogs(Path root) {

  NodeAnswer answer(String path) throws IOException {
    try {
      Path file = root.toRealPath().resolve(path).normalize().toRealPath();
      if (!file.startsWith(root.toRealPath())) {
        return NodeAnswer.notFound();
      }
      if (Files.isDirectory(file)) {
        return NodeAnswer.typed("text/html; charset=utf-8", page(file));
      }
      return Files.isRegularFile(file)
          ? new NodeAnswer(200, NodeAnswer.TEXT, out -> Files.copy(file, out))
          : NodeAnswer.notFound();
    } catch (NoSuchFileException | InvalidPathException _) {
      return NodeAnswer.notFound();
    }
  }

  private static String page(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(directory)) {
      files = list.sorted().toList();
    }
    StringBuilder page = new StringBuilder("<pre>\n");
    for (Path each : files) {
      String name = escaped(each.getFileName() + (Files.isDirectory(each) ? "/" : ""));
      page.append("<a href=\"").append(name).append("\">").append(name).append("</a>\n");
    }
    return page.append("</pre>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&#34;");
  }
}
