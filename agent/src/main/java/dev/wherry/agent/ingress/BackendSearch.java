package dev.wherry.agent.ingress;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a connection that takes a request: one that waits for it at the backend whose turn it
 * is, else a new one, else one to the next backend, {@link Attempts#MAX} in all. One for a client's
 * requests, one after another. Confined to the loop of its pools.
 */
final class BackendSearch {
  /** Who looks; asked on the same loop, at once where a connection waits. */
  interface Asker {
    void found(Channel backend);

    void failed(Throwable cause);
  }

  private final Asker asker;
  private final Attempts attempts = new Attempts();
  private @Nullable BackendPool pool;
  private boolean http2;
  private Duration patience = Duration.ZERO;
  private boolean reused;
  private InetSocketAddress address = new InetSocketAddress(0);

  /** Which attempt is awaited: what an earlier one brings is not wanted any more. */
  private int awaited;

  BackendSearch(Asker asker) {
    this.asker = asker;
  }

  /**
   * A request's search begins.
   *
   * @param http2 whether a stream is looked for
   * @param backends one at least
   * @param first whose turn it is, any number
   * @param patience with each backend that has to be connected to
   */
  void begin(
      BackendPool from,
      boolean http2,
      List<InetSocketAddress> backends,
      int first,
      Duration patience) {
    this.pool = from;
    this.http2 = http2;
    this.patience = patience;
    attempts.begin(backends, first);
    attempt();
  }

  private void attempt() {
    BackendPool from = pool();
    address = attempts.next();
    reused = false;
    int number = ++awaited;
    if (http2) {
      from.stream(address, patience).addListener((Future<Channel> done) -> reached(number, done));
      return;
    }
    Channel waiting = attempts.isFirst() ? from.takeIdle(address) : null;
    if (waiting != null) {
      reused = true;
      asker.found(waiting);
    } else {
      from.connect(address, patience).addListener((Future<Channel> done) -> reached(number, done));
    }
  }

  private void reached(int number, Future<Channel> done) {
    if (number != awaited) {
      if (done.isSuccess()) {
        done.getNow().close(); // the client has left meanwhile, or waited too long
      }
    } else if (done.isSuccess()) {
      asker.found(done.getNow());
    } else if (attempts.mayFollow()) {
      attempt();
    } else {
      asker.failed(done.cause());
    }
  }

  /**
   * Looks once more for a request that was sent, and not answered before its connection ended.
   *
   * @return false: that is too often
   */
  boolean repeat() {
    boolean may = attempts.mayRepeat(reused);
    if (may) {
      attempt();
    }
    return may;
  }

  /** What is looked for is not wanted any more. */
  void end() {
    awaited++;
  }

  /** Of the backend that was tried last. */
  InetSocketAddress address() {
    return address;
  }

  /** Keeps the connection that was found last: its request is over. */
  void giveBack(Channel backend) {
    pool().give(address, backend);
  }

  private BackendPool pool() {
    return Objects.requireNonNull(pool);
  }
}
