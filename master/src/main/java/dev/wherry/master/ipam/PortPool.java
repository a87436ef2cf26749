package dev.wherry.master.ipam;

import java.util.OptionalInt;

/** Node ports. Confined to one thread at a time. */
public final class PortPool {
  private static final int MAX_STATIC = 128;

  private final int first;
  private final int last;
  private final NumberPool pool;

  /** Ports from the first to the last, both included. */
  public PortPool(int first, int last) {
    this.first = first;
    this.last = last;
    int size = last - first + 1;
    this.pool = new NumberPool(size, Math.min(MAX_STATIC, size / 16));
  }

  public boolean contains(long port) {
    return port >= first && port <= last;
  }

  /** Takes this port, which is in the range; false when another owner has it. */
  public boolean take(int port, String owner) {
    return pool.take(port - first, owner);
  }

  public boolean isHeldBy(int port, String owner) {
    return contains(port) && pool.owner(port - first).filter(owner::equals).isPresent();
  }

  public OptionalInt takeFree(String owner) {
    OptionalInt number = pool.takeFree(owner);
    return number.isPresent() ? OptionalInt.of(first + number.getAsInt()) : number;
  }

  public void free(int port, String owner) {
    if (contains(port)) {
      pool.free(port - first, owner);
    }
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }
}
