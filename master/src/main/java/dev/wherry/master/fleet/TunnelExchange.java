package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.proto.v1.OpenTunnel;
import dev.wherry.proto.v1.TunnelFrame;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Brings together who asked for a tunnel and the agent that opens it. At most {@value #MAX_OPEN}
 * tunnels are asked for or open at a time; past that the answer is 429. Thread-safe.
 */
final class TunnelExchange {
  static final int MAX_OPEN = 512;
  static final Duration OPEN_TIMEOUT = Duration.ofSeconds(10);

  private record Asked(NodeName node, CompletableFuture<TunnelStream> opened) {}

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Asked> asked = new ConcurrentHashMap<>();
  private final Semaphore open = new Semaphore(MAX_OPEN);

  /**
   * Asks for a tunnel and waits for the agent to open it.
   *
   * @param session takes the request; false when it cannot
   */
  TunnelStream open(NodeName node, OpenTunnel.Builder request, Predicate<OpenTunnel> session) {
    if (!open.tryAcquire()) {
      throw StatusException.of(
          Reason.TOO_MANY_REQUESTS, "more than " + MAX_OPEN + " streams to pods are open");
    }
    byte[] id = new byte[16];
    random.nextBytes(id);
    String tunnelId = HexFormat.of().formatHex(id);
    CompletableFuture<TunnelStream> opened = new CompletableFuture<>();
    asked.put(tunnelId, new Asked(node, opened));
    boolean handedOver = false;
    try {
      if (!session.test(request.setTunnelId(tunnelId).build())) {
        throw StatusException.of(
            Reason.SERVICE_UNAVAILABLE, "node \"" + node + "\" takes no more streams now");
      }
      TunnelStream stream = opened.get(OPEN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      handedOver = true;
      stream.whenOver(open::release);
      return stream;
    } catch (TimeoutException e) {
      opened.cancel(false);
      throw StatusException.of(
          Reason.TIMEOUT,
          "node \"" + node + "\" did not open the stream within " + OPEN_TIMEOUT.toSeconds() + "s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      opened.cancel(false);
      throw StatusException.of(Reason.TIMEOUT, "interrupted while the stream was being opened");
    } catch (ExecutionException e) {
      throw new IllegalStateException("nothing fails this future", e);
    } finally {
      asked.remove(tunnelId);
      if (!handedOver) {
        open.release();
      }
    }
  }

  /** Takes in a tunnel that an agent opens; its first frame says which. */
  StreamObserver<TunnelFrame> accept(Caller caller, ServerCallStreamObserver<TunnelFrame> out) {
    return new TunnelStream(out, (id, stream) -> match(caller, id, stream));
  }

  private void match(Caller caller, String id, TunnelStream stream) {
    Asked request = asked.get(id);
    if (request == null) {
      throw Status.NOT_FOUND.withDescription("nobody waits for this tunnel").asRuntimeException();
    }
    caller.mustBe(request.node());
    if (!request.opened().complete(stream)) {
      throw Status.CANCELLED
          .withDescription("nobody waits for this tunnel any more")
          .asRuntimeException();
    }
  }
}
