package dev.wherry.agent.ingress;

import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Hands on messages as they are asked for, one for each time: a decoder makes several of what was
 * read at once. One who asks for the next while it is handed one is not called within that call.
 * Holds no more than one read brings. Confined to one thread.
 */
final class OneByOne {
  private final Consumer<Object> taker;
  private final Runnable reading;
  private final ArrayDeque<Object> held = new ArrayDeque<>();
  private boolean wanted;
  private boolean handing;

  /**
   * @param taker owns what it is handed
   * @param reading run when one is asked for and none is here
   */
  OneByOne(Consumer<Object> taker, Runnable reading) {
    this.taker = taker;
    this.reading = reading;
  }

  /** Asks for the next, now or when it comes. */
  void more() {
    wanted = true;
    if (!handing) {
      hand();
    }
  }

  /** One has come. */
  void add(Object message) {
    held.add(message);
    if (wanted && !handing) {
      hand();
    }
  }

  /** Is handed on before all others, once the next is asked for. */
  void putBack(Object message) {
    held.addFirst(message);
  }

  private void hand() {
    handing = true;
    try {
      while (wanted && !held.isEmpty()) {
        wanted = false;
        taker.accept(held.poll());
      }
    } finally {
      handing = false;
    }
    if (wanted) {
      reading.run();
    }
  }

  /** Throws away what is held. */
  void release() {
    held.forEach(ReferenceCountUtil::release);
    held.clear();
  }
}
