package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the streams of a running command between its pod and a client, one virtual thread for
 * each direction, until the command ends. Stateless.
 */
final class RemoteCommand {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteCommand.class);
  private static final int MAX_RESIZE_BYTES = 1024;

  /** Whose exit code counts. */
  enum Kind {
    EXEC,
    /** The container's own process: its end is no failure of the attachment. */
    ATTACH
  }

  private RemoteCommand() {}

  /** Returns when the command has ended and the client was told how. */
  static void run(
      Connector.Process process, CommandClient client, Connector.ExecOptions options, Kind kind)
      throws IOException {
    List<Thread> outputs = new ArrayList<>();
    if (options.stdin()) {
      Thread.ofVirtual().start(() -> input(client.stdin(), process));
    }
    if (options.tty()) {
      Thread.ofVirtual().start(() -> resizes(client.resizes(), process));
    }
    outputs.add(Thread.ofVirtual().start(() -> copy(process.stdout(), client.stdout())));
    if (!options.tty()) {
      outputs.add(Thread.ofVirtual().start(() -> copy(process.stderr(), client.stderr())));
    }
    Obj status = status(process, kind);
    try {
      for (Thread output : outputs) {
        output.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a command's output was sent", e);
    }
    client.finish(status);
  }

  private static void input(InputStream from, Connector.Process process) {
    try (InputStream in = from;
        OutputStream out = process.stdin()) {
      Streams.copy(in, out);
    } catch (IOException e) {
      LOG.debug("the input of a command ended early: {}", e.toString());
    }
  }

  private static void copy(InputStream from, OutputStream to) {
    try (InputStream in = from) {
      Streams.copy(in, to);
    } catch (IOException e) {
      LOG.debug("the output of a command ended early: {}", e.toString());
    }
  }

  private static void resizes(InputStream from, Connector.Process process) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (InputStream in = from) {
      for (int each = in.read(); each >= 0; each = in.read()) {
        text.write(each);
        if (each == '}') {
          Obj size = Json.read(text.toByteArray());
          process.resize((int) size.number("Width", 0), (int) size.number("Height", 0));
          text.reset();
        } else if (text.size() > MAX_RESIZE_BYTES) {
          throw new IOException("a terminal's size of more than " + MAX_RESIZE_BYTES + " bytes");
        }
      }
    } catch (IOException | MalformedTreeException e) {
      LOG.debug("the sizes of a terminal ended early: {}", e.toString());
    }
  }

  private static Obj status(Connector.Process process, Kind kind) {
    try {
      int code = process.exit().get();
      return code == 0 || kind == Kind.ATTACH ? success() : exited(code);
    } catch (ExecutionException e) {
      return e.getCause() instanceof StatusException known
          ? known.toStatus()
          : internal(String.valueOf(e.getCause()));
    } catch (CancellationException e) {
      return internal("the command was given up");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return internal("interrupted while the command ran");
    }
  }

  static Obj internal(String message) {
    return StatusException.of(Reason.INTERNAL_ERROR, "Internal error occurred: " + message)
        .toStatus();
  }

  static Obj success() {
    return Obj.of("metadata", Obj.EMPTY, "status", "Success");
  }

  /** How {@code v4.channel.k8s.io} tells an exit code. */
  static Obj exited(int code) {
    Obj cause = Obj.of("reason", "ExitCode", "message", Integer.toString(code));
    return Obj.of(
        "metadata",
        Obj.EMPTY,
        "status",
        "Failure",
        "message",
        "command terminated with non-zero exit code: exit code " + code,
        "reason",
        "NonZeroExitCode",
        "details",
        Obj.of("causes", List.of(cause)));
  }
}
