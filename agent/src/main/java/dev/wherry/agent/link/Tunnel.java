package dev.wherry.agent.link;

import com.google.protobuf.ByteString;
import dev.wherry.proto.v1.Chunk;
import dev.wherry.proto.v1.Close;
import dev.wherry.proto.v1.Exit;
import dev.wherry.proto.v1.FleetGrpc;
import dev.wherry.proto.v1.Opened;
import dev.wherry.proto.v1.Started;
import dev.wherry.proto.v1.StreamKind;
import dev.wherry.proto.v1.TunnelFrame;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The agent's end of one tunnel. A send blocks while gRPC has no room; at most {@value #WINDOW}
 * frames from the master lie here unread. Thread-safe.
 */
final class Tunnel implements ClientResponseObserver<TunnelFrame, TunnelFrame> {
  static final int WINDOW = 8;
  static final int MAX_CHUNK_BYTES = 32 * 1024;

  private final ReentrantLock sending = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private final ArrayDeque<TunnelFrame> frames = new ArrayDeque<>();
  private final List<Runnable> endings = new ArrayList<>();
  private boolean over;
  private volatile @Nullable ClientCallStreamObserver<TunnelFrame> requests;

  void begin(FleetGrpc.FleetStub master, String tunnelId) {
    master.tunnel(this);
    call()
        .onNext(
            TunnelFrame.newBuilder().setOpened(Opened.newBuilder().setTunnelId(tunnelId)).build());
  }

  private ClientCallStreamObserver<TunnelFrame> call() {
    ClientCallStreamObserver<TunnelFrame> call = requests;
    if (call == null) {
      throw new IllegalStateException("the tunnel was not begun");
    }
    return call;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<TunnelFrame> requestStream) {
    requests = requestStream;
    requestStream.disableAutoRequestWithInitial(WINDOW);
    requestStream.setOnReadyHandler(this::signal);
  }

  /** Runs this once when the master ends or cancels the tunnel, at once when it did. */
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

  /** What was asked for runs. */
  void started() throws IOException {
    send(TunnelFrame.newBuilder().setStarted(Started.getDefaultInstance()).build());
  }

  /** Bytes of this stream to the master; closing it tells the end of the stream. */
  OutputStream output(StreamKind kind) {
    return new OutputStream() {
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
                          .setStream(kind)
                          .setData(ByteString.copyFrom(bytes, offset + at, size)))
                  .build());
        }
      }

      @Override
      public void close() throws IOException {
        send(TunnelFrame.newBuilder().setClose(Close.newBuilder().setStream(kind)).build());
      }
    };
  }

  /** The process ended with this code; nothing is sent after it. */
  void exit(int code) {
    end(Exit.newBuilder().setCode(code).build());
  }

  /** It failed for another cause than a process's exit code; nothing is sent after it. */
  void refuse(int httpCode, String reason, String message) {
    end(
        Exit.newBuilder()
            .setCode(1)
            .setHttpCode(httpCode)
            .setReason(reason)
            .setMessage(message)
            .build());
  }

  private void end(Exit exit) {
    try {
      send(TunnelFrame.newBuilder().setExit(exit).build());
      sending.lock();
      try {
        call().onCompleted();
      } finally {
        sending.unlock();
      }
    } catch (IOException | IllegalStateException _) {
      cancel(); // the master has gone: nobody is left to tell
    }
  }

  private void send(TunnelFrame frame) throws IOException {
    sending.lock();
    try {
      awaitRoom();
      call().onNext(frame);
    } catch (IllegalStateException e) {
      throw new IOException("the tunnel is closed", e);
    } finally {
      sending.unlock();
    }
  }

  private void awaitRoom() throws IOException {
    lock.lock();
    try {
      while (!over && !call().isReady()) {
        change.await();
      }
      if (over) {
        throw new IOException("the tunnel is closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the tunnel was full", e);
    } finally {
      lock.unlock();
    }
  }

  /** The next frame from the master; empty when none comes any more. Blocks. */
  Optional<TunnelFrame> receive() throws InterruptedException {
    lock.lock();
    try {
      while (frames.isEmpty() && !over) {
        change.await();
      }
      TunnelFrame frame = frames.poll();
      if (frame == null) {
        return Optional.empty();
      }
      call().request(1);
      return Optional.of(frame);
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    lock.lock();
    try {
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onNext(TunnelFrame frame) {
    lock.lock();
    try {
      frames.add(frame);
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onError(Throwable t) {
    over();
  }

  @Override
  public void onCompleted() {
    over();
  }

  private void over() {
    List<Runnable> mine;
    lock.lock();
    try {
      over = true;
      change.signalAll();
      mine = new ArrayList<>(endings);
      endings.clear();
    } finally {
      lock.unlock();
    }
    mine.forEach(Runnable::run);
  }

  /** Gives the tunnel up. */
  void cancel() {
    ClientCallStreamObserver<TunnelFrame> call = requests;
    if (call != null) {
      call.cancel("the agent gave the tunnel up", null);
    }
    over();
  }
}
