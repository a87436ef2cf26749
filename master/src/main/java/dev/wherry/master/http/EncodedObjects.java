package dev.wherry.master.http;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of objects that long lists have shown: the next list copies bytes instead of encoding
 * every object again. An object is known by its identity, since the registry hands out the very
 * same one until it changes; one that is gone is not kept alive from here.
 *
 * <p>At the most {@value #MAX_BYTES} bytes of JSON are held. What more comes pushes out others, in
 * the order of their places and not of their age: of a list that is larger than all there is room
 * for, as much as there is room for is still found the next time. Thread-safe without locks.
 */
final class EncodedObjects {
  static final int MAX_BYTES = 8 * 1024 * 1024;

  /** Larger ones would push out many. */
  private static final int MAX_OBJECT_BYTES = MAX_BYTES / 64;

  /** A power of two, so many that two of a thousand objects seldom want the same one. */
  private static final int PLACES = 16 * 1024;

  private record Known(WeakReference<Obj> object, byte[] json) {}

  private final AtomicReferenceArray<@Nullable Known> places = new AtomicReferenceArray<>(PLACES);
  private final AtomicLong heldBytes = new AtomicLong();
  private final AtomicInteger hand = new AtomicInteger();

  /** The object's JSON. Not to be changed. */
  byte[] json(Obj object) {
    int hash = System.identityHashCode(object);
    int place = (hash ^ hash >>> 14) & (PLACES - 1);
    Known known = places.get(place);
    if (known != null && known.object().refersTo(object)) {
      return known.json();
    }
    byte[] json = Json.write(object);
    if (json.length <= MAX_OBJECT_BYTES) {
      put(place, new Known(new WeakReference<>(object), json));
      makeRoom();
    }
    return json;
  }

  private void put(int place, @Nullable Known known) {
    Known before = places.getAndSet(place, known);
    int more = known == null ? 0 : known.json().length;
    int less = before == null ? 0 : before.json().length;
    heldBytes.addAndGet(more - less);
  }

  private void makeRoom() {
    while (heldBytes.get() > MAX_BYTES) {
      put(hand.getAndIncrement() & (PLACES - 1), null);
    }
  }

  /** How many bytes of JSON are held. */
  long heldBytes() {
    return heldBytes.get();
  }
}
