package dev.wherry.master.http;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.WatchEvent;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the last few events, so that an event is encoded once for all watchers who want it
 * in the same way. An event is known by the object in it, which the registry shares between
 * watches. What was pushed out is encoded again. Thread-safe.
 */
final class EncodedEvents {
  /** A power of two. */
  private static final int PLACES = 64;

  private record Known(
      Obj object,
      Class<? extends WatchEvent> type,
      Rendering rendering,
      Rendering.Columns columns,
      byte[] bytes) {}

  private final AtomicReferenceArray<@Nullable Known> places = new AtomicReferenceArray<>(PLACES);

  /** The event's bytes, made by {@code encode} where they are not known. Not to be changed. */
  byte[] get(
      WatchEvent event, Rendering rendering, Rendering.Columns columns, Supplier<byte[]> encode) {
    Obj object = event.object();
    int hash =
        31 * (31 * System.identityHashCode(object) + rendering.hashCode()) + columns.ordinal();
    int place = (hash ^ hash >>> 16) & (PLACES - 1);
    Known known = places.get(place);
    if (known != null
        && isSame(known.object(), object)
        && known.type() == event.getClass()
        && known.columns() == columns
        && known.rendering().equals(rendering)) {
      return known.bytes();
    }
    byte[] bytes = encode.get();
    places.set(place, new Known(object, event.getClass(), rendering, columns, bytes));
    return bytes;
  }

  /** The very same object: comparing trees would cost what encoding does. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(Obj one, Obj other) {
    return one == other;
  }
}
