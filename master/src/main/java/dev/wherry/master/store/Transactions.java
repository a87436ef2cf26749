package dev.wherry.master.store;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What any store asks of a transaction. */
public final class Transactions {
  private Transactions() {}

  /**
   * A transaction writes something, and no key twice: one revision belongs to one key.
   *
   * @throws IllegalArgumentException when it does not
   */
  public static void requireDistinctKeys(List<Operation> operations) {
    if (operations.isEmpty()) {
      throw new IllegalArgumentException("a transaction needs an operation");
    }
    if (operations.size() == 1) {
      return;
    }
    Set<Key> keys = new HashSet<>();
    for (Operation operation : operations) {
      if (!keys.add(operation.key())) {
        throw new IllegalArgumentException("a transaction writes " + operation.key() + " twice");
      }
    }
  }
}
