package dev.wherry.api.tree;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An immutable JSON object: keys in the order in which they were written, no key twice.
 *
 * <p>A value is one of {@code Obj}, {@code List} (immutable, of values), {@code String}, {@code
 * Long}, {@code Double}, {@code Boolean} or {@link Null#NULL}. One flat array holds keys and values
 * alternately, which is a sixth of what a tree of hash maps takes; lookup is linear, and the
 * objects of the Kubernetes API have few keys.
 *
 * <p>Accessors follow Kubernetes' zero values: what is absent, null or of another type reads as
 * empty, zero or false. Where absence matters, ask {@link #has} or {@link #get}.
 *
 * <p>Immutable and thread-safe.
 */
public final class Obj implements Iterable<Obj.Entry> {

  /** One member of an object. */
  public record Entry(String key, Object value) {}

  public static final Obj EMPTY = new Obj(new Object[0]);

  private final Object[] keysAndValues;

  private Obj(Object[] keysAndValues) {
    this.keysAndValues = keysAndValues;
  }

  /**
   * The object with these members, keys and values alternately. Values may be any that {@link
   * #valueOf} takes.
   *
   * @throws IllegalArgumentException when a key is no string, comes twice or lacks its value
   */
  public static Obj of(Object... keysAndValues) {
    if (keysAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "a key lacks its value: " + keysAndValues.length + " arguments");
    }
    Builder builder = new Builder(keysAndValues.length / 2);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      if (!(keysAndValues[i] instanceof String key)) {
        throw new IllegalArgumentException("a key is no string: " + keysAndValues[i]);
      }
      if (builder.indexOf(key) >= 0) {
        throw new IllegalArgumentException("a key comes twice: " + key);
      }
      builder.append(key, valueOf(keysAndValues[i + 1]));
    }
    return builder.build();
  }

  /** The object with the members of this map, in its order. */
  public static Obj of(Map<String, ?> members) {
    Builder builder = new Builder(members.size());
    members.forEach((key, value) -> builder.append(key, valueOf(value)));
    return builder.build();
  }

  /**
   * A tree value from a Java value: maps become objects, collections lists, ints longs, floats
   * doubles, null {@link Null}.
   *
   * @throws IllegalArgumentException for any other class
   */
  public static Object valueOf(@Nullable Object value) {
    return switch (value) {
      case null -> Null.NULL;
      case String s -> s;
      case Obj o -> o;
      case Long l -> l;
      case Integer i -> i.longValue();
      case Double d -> d;
      case Float f -> f.doubleValue();
      case Boolean b -> b;
      case Null n -> n;
      case Map<?, ?> map -> {
        Builder builder = new Builder(map.size());
        map.forEach((key, member) -> builder.append((String) key, valueOf(member)));
        yield builder.build();
      }
      case Iterable<?> items -> {
        List<Object> list = new ArrayList<>();
        items.forEach(item -> list.add(valueOf(item)));
        yield List.copyOf(list);
      }
      default -> throw new IllegalArgumentException("no JSON value: " + value.getClass().getName());
    };
  }

  public static Builder builder() {
    return new Builder(8);
  }

  /** The number of members. */
  public int size() {
    return keysAndValues.length / 2;
  }

  public boolean isEmpty() {
    return keysAndValues.length == 0;
  }

  public String keyAt(int index) {
    return (String) keysAndValues[2 * index];
  }

  public Object valueAt(int index) {
    return keysAndValues[2 * index + 1];
  }

  /** Whether there is such a member, null included. */
  public boolean has(String key) {
    return indexOf(key) >= 0;
  }

  /** The value of this member, null included as {@link Null#NULL}. */
  public Optional<Object> get(String key) {
    int index = indexOf(key);
    return index < 0 ? Optional.empty() : Optional.of(keysAndValues[index + 1]);
  }

  /** The place of this member for {@link #valueAt}, or -1: a lookup that allocates nothing. */
  public int placeOf(String key) {
    int index = indexOf(key);
    return index < 0 ? -1 : index / 2;
  }

  private @Nullable Object value(String key) {
    int index = indexOf(key);
    return index < 0 ? null : keysAndValues[index + 1];
  }

  private int indexOf(String key) {
    return indexOf(keysAndValues, keysAndValues.length, key);
  }

  /** Most keys are told apart by their hashes, which strings remember: no bytes are compared. */
  private static int indexOf(@Nullable Object[] keysAndValues, int length, String key) {
    int hash = key.hashCode();
    for (int i = 0; i < length; i += 2) {
      String held = (String) keysAndValues[i];
      if (held.hashCode() == hash && held.equals(key)) {
        return i;
      }
    }
    return -1;
  }

  /** The string of this member, or the empty one. */
  public String string(String key) {
    return string(key, "");
  }

  public String string(String key, String fallback) {
    return value(key) instanceof String s ? s : fallback;
  }

  /** The number of this member cut to a long, or the fallback. */
  public long number(String key, long fallback) {
    return switch (value(key)) {
      case Long l -> l;
      case Double d -> d.longValue();
      case null, default -> fallback;
    };
  }

  /** The boolean of this member, or false. */
  public boolean flag(String key) {
    return value(key) instanceof Boolean b && b;
  }

  public boolean flag(String key, boolean fallback) {
    return value(key) instanceof Boolean b ? b : fallback;
  }

  /** The object of this member, or {@link #EMPTY}. */
  public Obj obj(String key) {
    return value(key) instanceof Obj o ? o : EMPTY;
  }

  /** The list of this member, or the empty one. Immutable. */
  @SuppressWarnings("unchecked")
  public List<Object> list(String key) {
    return value(key) instanceof List<?> list ? (List<Object>) list : List.of();
  }

  /** The objects in the list of this member; what is no object reads as {@link #EMPTY}. */
  @SuppressWarnings("unchecked")
  public List<Obj> objs(String key) {
    List<?> list = list(key);
    for (int i = 0; i < list.size(); i++) {
      if (!(list.get(i) instanceof Obj)) {
        return objsOrEmpty(list);
      }
    }
    return (List<Obj>) list; // as nearly always
  }

  private static List<Obj> objsOrEmpty(List<?> list) {
    return new AbstractList<>() {
      @Override
      public Obj get(int index) {
        return list.get(index) instanceof Obj o ? o : EMPTY;
      }

      @Override
      public int size() {
        return list.size();
      }
    };
  }

  /** The strings in the list of this member; what is no string is left out. */
  public List<String> strings(String key) {
    List<String> strings = new ArrayList<>();
    for (Object item : list(key)) {
      if (item instanceof String s) {
        strings.add(s);
      }
    }
    return List.copyOf(strings);
  }

  /** The string members of the object at this key, such as labels. Ordered, immutable. */
  public Map<String, String> stringMap(String key) {
    Obj o = obj(key);
    if (o.isEmpty()) {
      return Map.of();
    }
    Map<String, String> map = LinkedHashMap.newLinkedHashMap(o.size());
    for (Entry entry : o) {
      if (entry.value() instanceof String s) {
        map.put(entry.key(), s);
      }
    }
    return java.util.Collections.unmodifiableMap(map);
  }

  /** The object below this path of keys, or {@link #EMPTY}. */
  public Obj at(String... path) {
    Obj o = this;
    for (String key : path) {
      o = o.obj(key);
    }
    return o;
  }

  /** This object with the member set; a new key goes last. */
  public Obj with(String key, Object value) {
    Object tree = valueOf(value);
    int index = indexOf(key);
    if (index >= 0) {
      if (keysAndValues[index + 1].equals(tree)) {
        return this;
      }
      Object[] copy = keysAndValues.clone();
      copy[index + 1] = tree;
      return new Obj(copy);
    }
    Object[] copy = Arrays.copyOf(keysAndValues, keysAndValues.length + 2);
    copy[keysAndValues.length] = key;
    copy[keysAndValues.length + 1] = tree;
    return new Obj(copy);
  }

  /**
   * This object with the value at the end of the path set; objects on the way are made where they
   * lack.
   */
  public Obj withAt(Object value, String... path) {
    return withAt(valueOf(value), path, 0);
  }

  private Obj withAt(Object value, String[] path, int depth) {
    String key = path[depth];
    return with(key, depth == path.length - 1 ? value : obj(key).withAt(value, path, depth + 1));
  }

  /**
   * This object with the object member replaced by what the function makes of it (of {@link #EMPTY}
   * where it lacks).
   */
  public Obj change(String key, UnaryOperator<Obj> change) {
    return with(key, change.apply(obj(key)));
  }

  /** A builder that holds these members. For many changes at once: each of them is quick. */
  public Builder toBuilder() {
    Builder builder = new Builder(size() + 2);
    System.arraycopy(keysAndValues, 0, builder.keysAndValues, 0, keysAndValues.length);
    builder.length = keysAndValues.length;
    return builder;
  }

  /** This object without the member. */
  public Obj without(String key) {
    int index = indexOf(key);
    if (index < 0) {
      return this;
    }
    Object[] copy = new Object[keysAndValues.length - 2];
    System.arraycopy(keysAndValues, 0, copy, 0, index);
    System.arraycopy(keysAndValues, index + 2, copy, index, copy.length - index);
    return copy.length == 0 ? EMPTY : new Obj(copy);
  }

  @Override
  public Iterator<Entry> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < keysAndValues.length;
      }

      @Override
      public Entry next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Entry entry = new Entry((String) keysAndValues[next], keysAndValues[next + 1]);
        next += 2;
        return entry;
      }
    };
  }

  /** Equal when both have the same members, whatever their order. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof Obj that) || that.keysAndValues.length != keysAndValues.length) {
      return false;
    }
    for (int i = 0; i < keysAndValues.length; i += 2) {
      String key = (String) keysAndValues[i];
      boolean sameplace = key.equals(that.keysAndValues[i]);
      Object theirs = sameplace ? that.keysAndValues[i + 1] : that.value(key);
      if (!keysAndValues[i + 1].equals(theirs)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = 0;
    for (int i = 0; i < keysAndValues.length; i += 2) {
      hash += keysAndValues[i].hashCode() ^ Objects.hashCode(keysAndValues[i + 1]);
    }
    return hash;
  }

  /** The object as JSON. */
  @Override
  public String toString() {
    return Json.text(this);
  }

  /**
   * Collects members in order; a key set twice keeps its first place and its last value. Confined
   * to one thread.
   *
   * <p>Past {@value #INDEXED_FROM} members it keeps an index of the keys: a client may send an
   * object with a hundred thousand of them.
   */
  public static final class Builder {
    static final int INDEXED_FROM = 32;

    private @Nullable Object[] keysAndValues;
    private int length;
    private @Nullable Map<String, Integer> index;
    private int removed;

    Builder(int expectedMembers) {
      keysAndValues = new Object[Math.max(2, 2 * expectedMembers)];
    }

    public Builder put(String key, Object value) {
      return putTree(key, valueOf(value));
    }

    /** As {@link #put} for codecs: the caller knows that the value is one of a tree. */
    public Builder putTree(String key, Object value) {
      int place = indexOf(key);
      if (place >= 0) {
        removed -= keysAndValues[place + 1] == null ? 1 : 0;
        keysAndValues[place + 1] = value;
      } else {
        append(key, value);
      }
      return this;
    }

    /** Puts the member unless the value is empty: an empty string, list or object. */
    public Builder putUnlessEmpty(String key, Object value) {
      Object tree = valueOf(value);
      boolean empty =
          tree instanceof String s && s.isEmpty()
              || tree instanceof List<?> list && list.isEmpty()
              || tree instanceof Obj o && o.isEmpty();
      return empty ? this : putTree(key, tree);
    }

    /** Takes the member out; set again, it stands where it stood. */
    public Builder remove(String key) {
      int place = indexOf(key);
      if (place >= 0 && keysAndValues[place + 1] != null) {
        keysAndValues[place + 1] = null;
        removed++;
      }
      return this;
    }

    /** The value of this member as it is now. */
    public Optional<Object> get(String key) {
      int place = indexOf(key);
      return place < 0 ? Optional.empty() : Optional.ofNullable(keysAndValues[place + 1]);
    }

    int indexOf(String key) {
      if (length < 2 * INDEXED_FROM) {
        return Obj.indexOf(keysAndValues, length, key);
      }
      if (index == null) {
        index = HashMap.newHashMap(length);
        for (int i = 0; i < length; i += 2) {
          index.put((String) Objects.requireNonNull(keysAndValues[i]), i);
        }
      }
      Integer place = index.get(key);
      return place == null ? -1 : place;
    }

    /** Appends a tree value; the caller knows that the key is new. */
    void append(String key, Object value) {
      if (length == keysAndValues.length) {
        keysAndValues = Arrays.copyOf(keysAndValues, 2 * length);
      }
      keysAndValues[length] = key;
      keysAndValues[length + 1] = value;
      if (index != null) {
        index.put(key, length);
      }
      length += 2;
    }

    @SuppressWarnings("NullAway") // the first `length` places are set, but for values removed
    public Obj build() {
      int members = length / 2 - removed;
      if (members == 0) {
        return EMPTY;
      }
      if (removed == 0) {
        return new Obj(Arrays.copyOf(keysAndValues, length));
      }
      Object[] kept = new Object[2 * members];
      int to = 0;
      for (int from = 0; from < length; from += 2) {
        if (keysAndValues[from + 1] != null) {
          kept[to++] = keysAndValues[from];
          kept[to++] = keysAndValues[from + 1];
        }
      }
      return new Obj(kept);
    }
  }
}
