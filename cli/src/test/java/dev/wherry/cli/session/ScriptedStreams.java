package dev.wherry.cli.session;

import dev.wherry.api.object.PodUid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** Processes that do what their command's first word says. */
final class ScriptedStreams extends NoStreams {
  final CountDownLatch closed = new CountDownLatch(1);
  final CountDownLatch interrupted = new CountDownLatch(1);
  final AtomicLong written = new AtomicLong();
  volatile String resized = "";

  @Override
  public Exec exec(PodUid pod, ExecSpec spec) throws IOException {
    if (spec.container().isEmpty() || spec.container().equals("missing")) {
      throw new NoSuchContainerException("container not found (\"" + spec.container() + "\")");
    }
    return new Running(spec);
  }

  @Override
  public Connection connect(PodUid pod, int port) throws IOException {
    if (port != 80) {
      throw new IOException("connection refused");
    }
    PipedInputStream input = new PipedInputStream(1 << 16);
    PipedOutputStream back = new PipedOutputStream(input);
    return new Connection() {
      @Override
      public InputStream input() {
        return input;
      }

      @Override
      public OutputStream output() {
        return new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            back.write(b);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            back.write(bytes, offset, length);
          }

          @Override
          public void flush() throws IOException {
            back.flush();
          }

          @Override
          public void close() throws IOException {
            back.write("bye".getBytes(StandardCharsets.UTF_8));
            back.close();
          }
        };
      }

      @Override
      public void close() {
        closed.countDown();
      }
    };
  }

  @Override
  public void copy(PodUid pod, Query query, OutputStream out)
      throws IOException, InterruptedException {
    if (query.previous()) {
      throw new NoSuchContainerException(
          "previous terminated container \"" + query.container() + "\" not found");
    }
    out.write("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
    if (query.follow()) {
      try {
        new CountDownLatch(1).await();
      } finally {
        interrupted.countDown();
      }
    }
  }

  /** One process. */
  private final class Running implements Exec {
    private final PipedInputStream stdout = new PipedInputStream(4096);
    private final PipedOutputStream stdoutEnd = new PipedOutputStream(stdout);
    private final PipedInputStream stderr = new PipedInputStream(4096);
    private final PipedOutputStream stderrEnd = new PipedOutputStream(stderr);
    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final CountDownLatch endOfInput = new CountDownLatch(1);

    Running(ExecSpec spec) throws IOException {
      Thread.ofVirtual().start(() -> run(spec));
    }

    private void run(ExecSpec spec) {
      try (stdoutEnd;
          stderrEnd) {
        switch (spec.command().getFirst()) {
          case "cat" -> {
            endOfInput.await();
            stdoutEnd.write(input.toByteArray());
            stderrEnd.write("told".getBytes(StandardCharsets.UTF_8));
            exit.complete(0);
          }
          case "exit" -> exit.complete(Integer.parseInt(spec.command().get(1)));
          case "flood" -> {
            byte[] block = new byte[4096];
            for (int i = 0; i < Integer.parseInt(spec.command().get(1)); i++) {
              stdoutEnd.write(block);
              written.addAndGet(block.length);
            }
            exit.complete(0);
          }
          default -> endOfInput.await(); // sleeps
        }
      } catch (IOException e) {
        exit.completeExceptionally(e);
      } catch (InterruptedException e) {
        exit.completeExceptionally(e);
      }
    }

    @Override
    public OutputStream stdin() {
      return new OutputStream() {
        @Override
        public void write(int b) {
          input.write(b);
        }

        @Override
        public void close() {
          endOfInput.countDown();
        }
      };
    }

    @Override
    public InputStream stdout() {
      return stdout;
    }

    @Override
    public InputStream stderr() {
      return stderr;
    }

    @Override
    public void resize(int columns, int rows) {
      resized = columns + "x" + rows;
    }

    @Override
    public Optional<Integer> await() throws IOException, InterruptedException {
      try {
        return Optional.of(exit.get());
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      }
    }

    @Override
    public void close() {
      closed.countDown();
      endOfInput.countDown();
      exit.completeExceptionally(new IOException("closed"));
    }
  }
}
