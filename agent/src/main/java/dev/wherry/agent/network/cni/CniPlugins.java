package dev.wherry.agent.network.cni;

import dev.wherry.agent.network.SandboxFiles;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs plugins: a command by environment variables, the configuration as input, the result as
 * output. Immutable.
 *
 * @param directories where plugins are looked for, in this order
 */
public record CniPlugins(List<Path> directories) {
  /** How long a plugin may take: some ask a server of theirs for addresses. */
  static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** What the interface is called in the pod. */
  static final String INTERFACE = SandboxFiles.POD_INTERFACE;

  private static final int MAX_OUTPUT_BYTES = 1 << 20;

  public CniPlugins {
    directories = List.copyOf(directories);
  }

  /** A plugin failed. The message is its own, with its name. */
  public static final class FailedException extends IOException {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message);
    }
  }

  /**
   * A pod that plugins are to connect.
   *
   * @param id unique to the pod
   * @param arguments {@code KEY=VALUE;...}
   */
  record Attachment(String id, Path namespace, String arguments) {}

  /**
   * Runs the plugin of this input.
   *
   * @param command {@code ADD}, {@code DEL} or {@code CHECK}
   * @return its result; empty where it printed none
   */
  Obj run(String command, Attachment pod, Obj input) throws IOException, InterruptedException {
    return run(
        command,
        Map.of(
            "CNI_CONTAINERID", pod.id(),
            "CNI_NETNS", pod.namespace().toString(),
            "CNI_IFNAME", INTERFACE,
            "CNI_ARGS", pod.arguments()),
        input);
  }

  /**
   * Runs the plugin of this input for the network, not for a pod.
   *
   * @param command {@code STATUS} or {@code GC}
   */
  void ask(String command, Obj input) throws IOException, InterruptedException {
    run(command, Map.of(), input);
  }

  private Obj run(String command, Map<String, String> variables, Obj input)
      throws IOException, InterruptedException {
    String type = input.string("type");
    ProcessBuilder builder = new ProcessBuilder(find(type).toString());
    builder.environment().putAll(variables);
    builder.environment().put("CNI_COMMAND", command);
    builder
        .environment()
        .put("CNI_PATH", String.join(":", directories.stream().map(Path::toString).toList()));
    Process process = builder.start();
    try {
      CompletableFuture<String> out = read(process.getInputStream());
      CompletableFuture<String> err = read(process.getErrorStream());
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(Json.write(input));
      }
      if (!process.waitFor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new FailedException(
            "plugin type=\"%s\" failed (%s): no end within %d s"
                .formatted(type, command.toLowerCase(Locale.ROOT), TIMEOUT.toSeconds()));
      }
      if (process.exitValue() != 0) {
        throw new FailedException(
            "plugin type=\"%s\" failed (%s): %s"
                .formatted(
                    type,
                    command.toLowerCase(Locale.ROOT),
                    CniResult.failure(parse(out.join()), err.join())));
      }
      return parse(out.join());
    } finally {
      process.destroyForcibly();
    }
  }

  private Path find(String type) throws FailedException {
    for (Path directory : directories) {
      Path program = directory.resolve(type);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw new FailedException(
        "failed to find plugin \"%s\" in path %s".formatted(type, directories));
  }

  private static Obj parse(String text) {
    try {
      return text.isBlank() ? Obj.EMPTY : Json.read(text);
    } catch (MalformedTreeException _) {
      return Obj.EMPTY; // its standard error says more
    }
  }

  private static CompletableFuture<String> read(InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try (stream) {
            byte[] bytes = stream.readNBytes(MAX_OUTPUT_BYTES);
            stream.skip(Long.MAX_VALUE);
            text.complete(new String(bytes, StandardCharsets.UTF_8));
          } catch (IOException e) {
            text.complete("");
          }
        });
    return text;
  }
}
