package dev.wherry.api.patch;

import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** Where each key first stands. */
  private Map<Object, Integer> places(List<?> items) {
    Map<Object, Integer> places = new HashMap<>();
    for (int i = 0; i < items.size(); i++) {
      places.putIfAbsent(key(items.get(i)), i);
    }
    return places;
  }

  private int place(Map<Object, Integer> places, Object item) {
    return places.getOrDefault(key(item), -1);
  }

  /**
   * The list in order.
   *
   * @param order the directive's list
   * @param server the list before the patch
   */
  List<Object> ordered(List<?> merged, List<?> order, List<?> server) {
    Map<Object, Integer> patchOrder = places(order);
    Map<Object, Integer> serverOrder = places(server);
    List<Object> named = new ArrayList<>();
    List<Object> others = new ArrayList<>();
    for (Object item : merged) {
      (patchOrder.containsKey(key(item)) ? named : others).add(item);
    }
    named.sort(Comparator.comparingInt(item -> place(patchOrder, item)));
    others.sort(Comparator.comparingInt(item -> place(serverOrder, item)));

    List<Object> result = new ArrayList<>(merged.size());
    int next = 0;
    for (Object other : others) {
      int place = place(serverOrder, other);
      // Named items that stood before this one, or that the server did not have, go first.
      while (next < named.size() && !isAfter(serverOrder, named.get(next), place)) {
        result.add(named.get(next++));
      }
      result.add(other);
    }
    result.addAll(named.subList(next, named.size()));
    return List.copyOf(result);
  }

  private boolean isAfter(Map<Object, Integer> serverOrder, Object named, int place) {
    int index = place(serverOrder, named);
    return index >= 0 && place >= 0 && place < index;
  }
}
