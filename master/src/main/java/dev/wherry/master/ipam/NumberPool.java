package dev.wherry.master.ipam;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Numbers from 0 to below a size, each held by one owner at the most. Free ones are handed out in
 * turn, so that one that was just given back is not used again at once. Confined to one thread at a
 * time.
 */
public final class NumberPool {
  private final int size;
  private final int firstHandedOut;
  private final Map<Integer, String> owners = new HashMap<>();
  private int next;

  /**
   * A pool.
   *
   * @param firstHandedOut numbers below it are taken by name first, and handed out when no other is
   *     left
   */
  public NumberPool(int size, int firstHandedOut) {
    if (size < 1 || firstHandedOut < 0 || firstHandedOut >= size) {
      throw new IllegalArgumentException("no pool: " + firstHandedOut + " of " + size);
    }
    this.size = size;
    this.firstHandedOut = firstHandedOut;
    this.next = firstHandedOut;
  }

  public int size() {
    return size;
  }

  public int held() {
    return owners.size();
  }

  public Optional<String> owner(int number) {
    return Optional.ofNullable(owners.get(number));
  }

  /** Takes this number; false when another owner holds it. */
  public boolean take(int number, String owner) {
    if (number < 0 || number >= size) {
      throw new IllegalArgumentException("not in the pool of " + size + ": " + number);
    }
    String holder = owners.putIfAbsent(number, owner);
    return holder == null || holder.equals(owner);
  }

  /** Takes a free number; empty when there is none. */
  public OptionalInt takeFree(String owner) {
    if (owners.size() >= size) {
      return OptionalInt.empty();
    }
    for (int i = 0; i < size - firstHandedOut; i++) {
      int number = firstHandedOut + (next - firstHandedOut + i) % (size - firstHandedOut);
      if (owners.putIfAbsent(number, owner) == null) {
        next = number + 1 < size ? number + 1 : firstHandedOut;
        return OptionalInt.of(number);
      }
    }
    for (int number = 0; number < firstHandedOut; number++) {
      if (owners.putIfAbsent(number, owner) == null) {
        return OptionalInt.of(number);
      }
    }
    return OptionalInt.empty();
  }

  /** Gives the number back; nothing happens when another owner holds it. */
  public void free(int number, String owner) {
    owners.remove(number, owner);
  }
}
