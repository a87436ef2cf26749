package dev.wherry.schemagenerator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Writes {@code kubernetes.schema} and {@code kubernetes.descriptions} from the sources jar of the
 * published Kubernetes protobuf classes and the corrections.
 *
 * <p>Arguments: the sources jar, the file of corrections, the directory to write to. What is newer
 * than all that it is made from is left alone.
 */
public final class SchemaGenerator {
  /**
   * What the pinned artefact holds. A new version changes these on purpose; anything else means
   * that the comments are read wrongly.
   */
  private static final Census EXPECTED =
      new Census(972, 3506, 74, 81, 453, 104, 2306, 29, 128, 3369, 969);

  /** What was read, counted. */
  record Census(
      long messages,
      long fields,
      long patchMergeKeys,
      long patchStrategies,
      long listTypes,
      long listMapKeys,
      long optional,
      long defaults,
      long required,
      long describedFields,
      long describedMessages) {

    static Census of(List<Message> messages) {
      List<Declaration> fields = messages.stream().flatMap(m -> m.fields().stream()).toList();
      return new Census(
          messages.size(),
          fields.size(),
          markers(fields, "patchMergeKey"),
          markers(fields, "patchStrategy"),
          markers(fields, "listType"),
          markers(fields, "listMapKey"),
          fields.stream().filter(field -> field.isMarked("optional")).count(),
          markers(fields, "default"),
          fields.stream().filter(field -> field.isMarked("required")).count(),
          fields.stream().filter(field -> !field.description().isEmpty()).count(),
          messages.stream()
              .filter(m -> !Declaration.Comment.description(m.comment()).isEmpty())
              .count());
    }

    private static long markers(List<Declaration> fields, String marker) {
      return fields.stream().mapToLong(field -> field.marked(marker).size()).sum();
    }
  }

  private SchemaGenerator() {}

  public static void main(String[] arguments) throws IOException, URISyntaxException {
    if (arguments.length != 3) {
      throw new IllegalArgumentException("arguments: SOURCES-JAR CORRECTIONS OUTPUT-DIRECTORY");
    }
    Path jar = Path.of(arguments[0]);
    Path corrections = Path.of(arguments[1]);
    Path table = Path.of(arguments[2], "kubernetes.schema");
    Path descriptions = Path.of(arguments[2], "kubernetes.descriptions");
    if (isNewer(table, jar, corrections) && isNewer(descriptions, jar, corrections)) {
      return;
    }
    List<Message> messages = read(jar);
    Census census = Census.of(messages);
    if (!census.equals(EXPECTED)) {
      throw new IllegalStateException("expected " + EXPECTED + " and read " + census);
    }
    Corrections facts = Corrections.read(corrections);
    TableFile file = new TableFile(messages, facts);
    byte[] bytes = file.table();
    if (!facts.unused().isEmpty()) {
      throw new IllegalStateException("corrections that match nothing: " + facts.unused());
    }
    Files.createDirectories(table.toAbsolutePath().getParent());
    Files.write(table, bytes);
    Files.write(descriptions, file.descriptions());
  }

  private static List<Message> read(Path jar) throws IOException {
    SourceScan scan = new SourceScan();
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> sources =
          zip.stream().filter(entry -> entry.getName().endsWith(".java")).toList();
      for (ZipEntry entry : sources) {
        try (BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(zip.getInputStream(entry), StandardCharsets.UTF_8))) {
          scan.read(reader);
        }
      }
    }
    return scan.messages();
  }

  /** Whether the file is there and newer than the inputs and this program. */
  private static boolean isNewer(Path file, Path... inputs) throws IOException, URISyntaxException {
    if (!Files.exists(file)) {
      return false;
    }
    long written = Files.getLastModifiedTime(file).toMillis();
    for (Path input : inputs) {
      if (Files.getLastModifiedTime(input).toMillis() >= written) {
        return false;
      }
    }
    Path program =
        Path.of(SchemaGenerator.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> classes = Files.walk(program)) {
      return classes.allMatch(path -> path.toFile().lastModified() < written);
    }
  }
}
