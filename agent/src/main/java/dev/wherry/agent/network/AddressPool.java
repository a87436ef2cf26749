package dev.wherry.agent.network;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.BitSet;
import java.util.Optional;

/**
 * Which addresses of a node's pod range are taken. The network's own address, the node's ({@link
 * #nodeAddress}) and the broadcast address are never handed out.
 *
 * <p>Addresses go round: one that was given back comes again only after the others, so that what
 * still knows the old pod does not reach a new one. Confined to one thread at a time.
 */
final class AddressPool {
  /** A range larger than this is used in part: a bound on memory (8 KiB). */
  static final int MAX_ADDRESSES = 1 << 16;

  private static final int FIRST = 2;

  private final Cidr range;
  private final int end;
  private final BitSet taken = new BitSet();
  private int next = FIRST;

  AddressPool(Cidr range) {
    if (range.size() < 4) {
      throw new IllegalArgumentException("the pod range " + range + " has no room for a pod");
    }
    this.range = range;
    this.end = (int) Math.min(range.size() - 1, MAX_ADDRESSES);
  }

  Cidr range() {
    return range;
  }

  /** The node's own address in its range, its first: the source of what the node sends to pods. */
  Ip nodeAddress() {
    return range.at(1);
  }

  /** Takes a free address; empty when none is left. */
  Optional<Ip> take() {
    int free = taken.nextClearBit(next);
    if (free >= end) {
      free = taken.nextClearBit(FIRST);
    }
    if (free >= end) {
      return Optional.empty();
    }
    taken.set(free);
    next = free + 1 < end ? free + 1 : FIRST;
    return Optional.of(range.at(free));
  }

  /** Takes this very address; false when it is taken or none of this pool's. */
  boolean take(Ip address) {
    int offset = offset(address);
    if (offset < 0 || taken.get(offset)) {
      return false;
    }
    taken.set(offset);
    if (offset >= next) {
      next = offset + 1 < end ? offset + 1 : FIRST;
    }
    return true;
  }

  /** Gives back; nothing happens for one that is not taken. */
  void give(Ip address) {
    int offset = offset(address);
    if (offset >= 0) {
      taken.clear(offset);
    }
  }

  private int offset(Ip address) {
    long offset = range.offset(address);
    return offset >= FIRST && offset < end ? (int) offset : -1;
  }
}
