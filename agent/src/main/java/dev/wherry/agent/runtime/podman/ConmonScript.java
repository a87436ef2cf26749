package dev.wherry.agent.runtime.podman;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A conmon that differs from what Podman asks for in three ways.
 *
 * <p>It starts no Podman when its container ends. Podman has each conmon run {@code podman
 * container cleanup} then, a process that costs more than all else of a container's end and wants
 * the locks that the removal wants, too. The agent needs none of it: it sees the exit file, and a
 * removal cleans up by itself (docs/adr/0018-no-cleanup-process.md). Conmons of an exec keep their
 * command, since nobody removes an exec's session.
 *
 * <p>It runs a container once: one that ends just as somebody attaches to it Podman would make
 * anew, as Docker does, and forget how it ended.
 *
 * <p>Standard input stays open when an attachment to it ends, unless the container is annotated
 * with {@value #STDIN_ONCE} (v1.Container, stdinOnce).
 */
final class ConmonScript {
  /** The annotation of containers whose standard input ends with the first attachment to it. */
  static final String STDIN_ONCE = "dev.wherry.stdin-once";

  private static final Logger LOG = LoggerFactory.getLogger(ConmonScript.class);
  private static final long VERSION_SECONDS = 30;

  /** Where Podman looks (containers.conf(5), conmon_path), and the search path's usual parts. */
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/libexec/podman/conmon"),
          Path.of("/usr/local/libexec/podman/conmon"),
          Path.of("/usr/local/lib/podman/conmon"),
          Path.of("/usr/bin/conmon"),
          Path.of("/usr/sbin/conmon"),
          Path.of("/usr/local/bin/conmon"),
          Path.of("/usr/local/sbin/conmon"));

  private ConmonScript() {}

  /**
   * Writes it where it differs.
   *
   * @return the script, where there is a conmon and the file system lets programs run
   */
  static Optional<Path> write(Path file) throws IOException, InterruptedException {
    Optional<Path> conmon = PLACES.stream().filter(Files::isExecutable).findFirst();
    if (conmon.isEmpty()) {
      return Optional.empty();
    }
    String text = render(conmon.get());
    if (!Files.exists(file) || !Files.readString(file).equals(text)) {
      // Beside it first: one that runs must not change below its shell.
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, text);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return runs(file) ? Optional.of(file) : Optional.empty();
  }

  private static boolean runs(Path file) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(file.toString(), "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      LOG.info("containers end by Podman's own conmon: {}", e.getMessage());
      return false;
    }
  }

  static String render(Path conmon) {
    return """
        #!/bin/sh
        # Written by the agent: conmon as a pod's containers need it.
        case " $* " in *" --exec-process-spec "*) exec %1$s "$@" ;; esac
        left=$# bundle='' stdin=''
        while [ "$left" -gt 0 ]; do
          case $1 in
            --exit-command | --exit-command-arg) shift 2; left=$((left - 2)); continue ;;
            -b) bundle=$2 ;;
            -i) stdin=1 ;;
          esac
          set -- "$@" "$1"; shift; left=$((left - 1))
        done
        if [ -n "$bundle" ] && ! (set -C; : > "$bundle/begun") 2> /dev/null; then
          echo "this container has run" >&2
          exit 1
        fi
        if [ -n "$stdin" ] && ! grep -q '"%2$s":"true"' "$bundle/config.json"; then
          set -- "$@" --leave-stdin-open
        fi
        exec %1$s "$@"
        """
        .formatted(conmon, STDIN_ONCE);
  }
}
