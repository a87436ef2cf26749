package dev.wherry.master.fleet;

import com.google.protobuf.ByteString;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.proto.v1.Chunk;
import dev.wherry.proto.v1.Close;
import dev.wherry.proto.v1.Exit;
import dev.wherry.proto.v1.Resize;
import dev.wherry.proto.v1.StreamKind;
import dev.wherry.proto.v1.TunnelFrame;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * The master's end of one tunnel: blocking streams over gRPC frames.
 *
 * <p>Inwards at most {@value #WINDOW} frames lie unread, of what size the agent cuts them (32 KiB);
 * the agent is held until the reader took them. Outwards a write blocks while gRPC has no room.
 * Thread-safe.
 */
final class TunnelStream implements StreamObserver<TunnelFrame>, AutoCloseable {
  static final int WINDOW = 8;
  static final int MAX_CHUNK_BYTES = 32 * 1024;

  private final ServerCallStreamObserver<TunnelFrame> out;
  private final BiConsumer<String, TunnelStream> opened;
  private final ReentrantLock sending = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final FrameInput stdout = new FrameInput(this::consumed);
  private final FrameInput stderr = new FrameInput(this::consumed);
  private final CompletableFuture<Boolean> started = new CompletableFuture<>();
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private final List<Runnable> endings = new ArrayList<>();
  private boolean isOpened; // confined to gRPC's calls
  private boolean over;
  private boolean completed;

  /**
   * @param opened told the tunnel's id once it has come; may refuse with StatusRuntimeException
   */
  TunnelStream(ServerCallStreamObserver<TunnelFrame> out, BiConsumer<String, TunnelStream> opened) {
    this.out = out;
    this.opened = opened;
    out.disableAutoRequest();
    out.setOnReadyHandler(this::signalRoom);
    out.setOnCancelHandler(
        () -> fail(StatusException.of(Reason.INTERNAL_ERROR, "the node closed the stream")));
    out.request(1);
  }

  InputStream stdout() {
    return stdout;
  }

  InputStream stderr() {
    return stderr;
  }

  /** The end of what the tunnel carried; exceptionally with a StatusException. */
  CompletableFuture<Integer> exit() {
    return exit.copy();
  }

  /** Runs this once when the tunnel is over, at once when it is already. */
  void whenOver(Runnable ending) {
    lock.lock();
    try {
      if (!over) {
        endings.add(ending);
        return;
      }
    } finally {
      lock.unlock();
    }
    ending.run();
  }

  /**
   * Waits until what was asked for runs.
   *
   * @return false when that is not known within the time
   * @throws StatusException when it was refused
   */
  boolean awaitStarted(Duration timeout) {
    try {
      return started.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw StatusException.of(Reason.TIMEOUT, "interrupted while the stream was being opened");
    } catch (ExecutionException e) {
      close();
      throw e.getCause() instanceof StatusException status
          ? status
          : StatusException.of(Reason.INTERNAL_ERROR, String.valueOf(e.getCause()));
    }
  }

  /** What goes to the process or the port; closing it ends this direction alone. */
  OutputStream stdin() {
    return new OutputStream() {
      private boolean closed;

      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int at = 0; at < length; at += MAX_CHUNK_BYTES) {
          int size = Math.min(MAX_CHUNK_BYTES, length - at);
          send(
              TunnelFrame.newBuilder()
                  .setChunk(
                      Chunk.newBuilder()
                          .setStream(StreamKind.STREAM_KIND_STDIN)
                          .setData(ByteString.copyFrom(bytes, offset + at, size)))
                  .build());
        }
      }

      @Override
      public void close() throws IOException {
        if (!closed) {
          closed = true;
          send(
              TunnelFrame.newBuilder()
                  .setClose(Close.newBuilder().setStream(StreamKind.STREAM_KIND_STDIN))
                  .build());
        }
      }
    };
  }

  /** The terminal's new size; forgotten when the tunnel is over. */
  void resize(int columns, int rows) {
    try {
      send(
          TunnelFrame.newBuilder()
              .setResize(Resize.newBuilder().setColumns(columns).setRows(rows))
              .build());
    } catch (IOException e) {
      exit.completeExceptionally(e); // has an end already: a tunnel that is over says why itself
    }
  }

  private void send(TunnelFrame frame) throws IOException {
    sending.lock();
    try {
      awaitRoom();
      out.onNext(frame);
    } catch (StatusRuntimeException | IllegalStateException e) {
      throw new IOException("the stream to the node is closed", e);
    } finally {
      sending.unlock();
    }
  }

  private void awaitRoom() throws IOException {
    lock.lock();
    try {
      while (!over && !out.isReady()) {
        room.await();
      }
      if (over) {
        throw new IOException("the stream to the node is closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the node was too slow", e);
    } finally {
      lock.unlock();
    }
  }

  private void signalRoom() {
    lock.lock();
    try {
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void consumed() {
    lock.lock();
    try {
      if (completed) {
        return;
      }
    } finally {
      lock.unlock();
    }
    out.request(1);
  }

  @Override
  public void onNext(TunnelFrame frame) {
    if (!isOpened) {
      open(frame);
      return;
    }
    switch (frame.getFrameCase()) {
      case CHUNK -> {
        started.complete(true);
        input(frame.getChunk().getStream()).add(frame.getChunk().getData().toByteArray());
      }
      case CLOSE -> {
        input(frame.getClose().getStream()).end();
        out.request(1);
      }
      case STARTED -> {
        started.complete(true);
        out.request(1);
      }
      case EXIT -> ended(frame.getExit());
      case OPENED, RESIZE, FRAME_NOT_SET -> out.request(1);
    }
  }

  private void open(TunnelFrame frame) {
    isOpened = true;
    try {
      if (frame.getFrameCase() != TunnelFrame.FrameCase.OPENED) {
        throw Status.INVALID_ARGUMENT
            .withDescription("the first frame does not open a tunnel")
            .asRuntimeException();
      }
      opened.accept(frame.getOpened().getTunnelId(), this);
      out.request(WINDOW);
    } catch (StatusRuntimeException e) {
      finish();
      out.onError(e);
    }
  }

  private FrameInput input(StreamKind kind) {
    return kind == StreamKind.STREAM_KIND_STDERR ? stderr : stdout;
  }

  private void ended(Exit end) {
    if (end.getHttpCode() == 0) {
      started.complete(true);
      exit.complete(end.getCode());
      stdout.end();
      stderr.end();
    } else {
      StatusException cause = StatusException.of(reason(end.getHttpCode()), end.getMessage());
      started.completeExceptionally(cause);
      exit.completeExceptionally(cause);
      stdout.fail(new IOException(end.getMessage(), cause));
      stderr.end();
    }
    finish();
    complete();
  }

  private static Reason reason(int httpCode) {
    return switch (httpCode) {
      case 400 -> Reason.BAD_REQUEST;
      case 404 -> Reason.NOT_FOUND;
      case 429 -> Reason.TOO_MANY_REQUESTS;
      default -> Reason.INTERNAL_ERROR;
    };
  }

  private void complete() {
    sending.lock();
    try {
      if (markCompleted()) {
        out.onCompleted();
      }
    } finally {
      sending.unlock();
    }
  }

  private boolean markCompleted() {
    lock.lock();
    try {
      boolean first = !completed;
      completed = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable t) {
    fail(StatusException.of(Reason.INTERNAL_ERROR, "the node closed the stream"));
  }

  @Override
  public void onCompleted() {
    fail(StatusException.of(Reason.INTERNAL_ERROR, "the node ended the stream early"));
  }

  /** Ends all that waits for more; nothing happens when the tunnel ended in order before. */
  private void fail(StatusException cause) {
    started.completeExceptionally(cause);
    exit.completeExceptionally(cause);
    IOException broken = new IOException(String.valueOf(cause.getMessage()), cause);
    stdout.fail(broken);
    stderr.fail(broken);
    finish();
  }

  private void finish() {
    List<Runnable> mine;
    lock.lock();
    try {
      over = true;
      room.signalAll();
      mine = new ArrayList<>(endings);
      endings.clear();
    } finally {
      lock.unlock();
    }
    mine.forEach(Runnable::run);
  }

  /** Gives the tunnel up: the agent's end is cancelled unless it ended by itself. */
  @Override
  public void close() {
    fail(StatusException.of(Reason.INTERNAL_ERROR, "the stream was closed"));
    sending.lock();
    try {
      if (markCompleted()) {
        out.onError(Status.CANCELLED.withDescription("the client went away").asRuntimeException());
      }
    } finally {
      sending.unlock();
    }
  }
}
