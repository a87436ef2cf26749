package dev.wherry.api.patch;

import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Orders a merged list by {@code $setElementOrder}: items that the patch names come in its order;
 * those that only the server has keep theirs and stand as near to where they stood as that allows.
 *
 * @param mergeKey what tells objects apart; empty for scalars
 */
record ElementOrder(String mergeKey) {

  private Object key(Object item) {
    if (mergeKey.isEmpty()) {
      return item;
    }
    return item instanceof Obj object ? object.get(mergeKey).orElse(Null.NULL) : Null.NULL;
  }

  private List<Object> keys(List<?> items) {
    List<Object> keys = new ArrayList<>(items.size());
    for (Object item : items) {
      keys.add(key(item));
    }
    return keys;
  }

  /**
   * The list in order.
   *
   * @param order the directive's list
   * @param server the list before the patch
   */
  List<Object> ordered(List<?> merged, List<?> order, List<?> server) {
    List<Object> patchOrder = keys(order);
    List<Object> serverOrder = keys(server);
    List<Object> named = new ArrayList<>();
    List<Object> others = new ArrayList<>();
    for (Object item : merged) {
      (patchOrder.contains(key(item)) ? named : others).add(item);
    }
    named.sort(Comparator.comparingInt(item -> patchOrder.indexOf(key(item))));
    others.sort(Comparator.comparingInt(item -> serverOrder.indexOf(key(item))));

    List<Object> result = new ArrayList<>(merged.size());
    int next = 0;
    for (Object other : others) {
      int place = serverOrder.indexOf(key(other));
      // Named items that stood before this one, or that the server did not have, go first.
      while (next < named.size() && !isAfter(serverOrder, named.get(next), place)) {
        result.add(named.get(next++));
      }
      result.add(other);
    }
    result.addAll(named.subList(next, named.size()));
    return List.copyOf(result);
  }

  private boolean isAfter(List<Object> serverOrder, Object named, int place) {
    int index = serverOrder.indexOf(key(named));
    return index >= 0 && place >= 0 && place < index;
  }
}
