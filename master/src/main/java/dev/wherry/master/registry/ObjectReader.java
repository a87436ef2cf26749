package dev.wherry.master.registry;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ObjectCache.Freshness;
import dev.wherry.master.store.CompactedException;
import dev.wherry.master.store.Entry;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KeyRange;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.RangeResult;
import dev.wherry.master.store.Revision;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Lists, whole or page by page. The first page comes from the cache; the following ones show the
 * revision of the first, from the cache where nothing has changed since, else from the store's
 * history. Thread-safe.
 */
final class ObjectReader {
  private static final int STORE_PAGE = 500;

  private static final String CONTINUE_EXPIRED =
      "The provided continue parameter is too old to display a consistent list result. You can"
          + " start a new list without the continue parameter, or use the continue token in this"
          + " response to retrieve the remainder of the results. Continuing with the provided token"
          + " results in an inconsistent list - objects that were created, modified, or deleted"
          + " between the time the first chunk was returned and now may show up in the list.";

  private final KvStore store;
  private final ObjectCache cache;

  ObjectReader(KvStore store, ObjectCache cache) {
    this.store = store;
    this.cache = cache;
  }

  ObjectList list(ResourceDefinition definition, String namespace, ListOptions options) {
    Selection selection = Selection.of(definition, namespace, options);
    if (!options.continueToken().isEmpty()) {
      if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals("0")) {
        throw StatusException.badRequest(
            "specifying resource version is not allowed when using continue");
      }
      ContinueToken token = ContinueToken.parse(options.continueToken());
      return token.revision() == ContinueToken.NEWEST
          ? now(definition, selection, options, token.afterPath())
          : at(definition, selection, token.revision(), token.afterPath(), options.limit());
    }
    if (isExact(options)) {
      return at(definition, selection, version(options.resourceVersion()), "", options.limit());
    }
    return now(definition, selection, options, "");
  }

  /** A page of a revision is of just that one where nothing else is said. */
  private static boolean isExact(ListOptions options) {
    String version = options.resourceVersion();
    boolean page = options.limit() > 0 && !version.isEmpty() && !version.equals("0");
    String match = options.resourceVersionMatch();
    return match.equals("Exact") || (match.isEmpty() && page);
  }

  private ObjectList now(
      ResourceDefinition definition, Selection selection, ListOptions options, String afterPath) {
    long wanted = options.resourceVersion().isEmpty() ? 0 : version(options.resourceVersion());
    cache.await(wanted);
    Freshness freshness =
        options.resourceVersion().isEmpty() ? Freshness.CONSISTENT : Freshness.ANY;
    ObjectCache.Snapshot snapshot =
        cache.snapshot(definition.resource(), selection.namespace(), afterPath, freshness);
    return page(snapshot.objects(), selection, snapshot.revision(), options.limit());
  }

  private ObjectList at(
      ResourceDefinition definition, Selection selection, long at, String afterPath, int limit) {
    if (cache.unchangedSince(definition.resource(), at)) {
      return page(
          cache
              .snapshot(definition.resource(), selection.namespace(), afterPath, Freshness.ANY)
              .objects(),
          selection,
          at,
          limit);
    }
    cache.await(at);
    KeyRange range = Paths.range(definition.resource(), selection.namespace());
    if (!afterPath.isEmpty()) {
      Key from = Key.of(Paths.prefix(definition.resource()) + afterPath).successor();
      range = new KeyRange(from, range.end());
    }
    try {
      return historic(range, selection, at, limit);
    } catch (CompactedException e) {
      StatusException expired =
          afterPath.isEmpty()
              ? StatusException.of(
                  Reason.EXPIRED, "The resourceVersion for the provided list is too old.")
              : StatusException.expiredList(
                  CONTINUE_EXPIRED, new ContinueToken(ContinueToken.NEWEST, afterPath).text());
      expired.addSuppressed(e);
      throw expired;
    }
  }

  private ObjectList historic(KeyRange range, Selection selection, long at, int limit) {
    List<Obj> found = new ArrayList<>();
    KeyRange rest = range;
    while (true) {
      RangeResult result = store.rangeAt(rest, STORE_PAGE, new Revision(at));
      for (Entry entry : result.entries()) {
        found.add(Stored.object(entry.value(), entry.modified()));
      }
      boolean enough = limit > 0 && found.size() > limit && selection.isWholeNamespace();
      if (!result.more()) {
        return page(found, selection, at, limit);
      }
      if (enough) {
        ObjectList page = page(found, selection, at, limit);
        return new ObjectList(
            page.items(),
            page.resourceVersion(),
            page.continueToken(),
            page.remaining() + result.remaining());
      }
      rest = new KeyRange(result.entries().getLast().key().successor(), range.end());
    }
  }

  /** The first objects that match, up to the limit; 0 is without. */
  private static ObjectList page(List<Obj> objects, Selection selection, long revision, int limit) {
    List<Obj> items = new ArrayList<>(selection.isWholeNamespace() ? objects.size() : 16);
    String version = Long.toString(revision);
    for (int i = 0; i < objects.size(); i++) {
      if (!selection.matches(objects.get(i))) {
        continue;
      }
      if (limit > 0 && items.size() == limit) {
        String last = Paths.path(ObjectKey.of(items.getLast()));
        long remaining = selection.isWholeNamespace() ? objects.size() - i : 0;
        return new ObjectList(items, version, new ContinueToken(revision, last).text(), remaining);
      }
      items.add(objects.get(i));
    }
    return new ObjectList(items, version, "", 0);
  }

  /** A resourceVersion as a number. */
  static long version(String text) {
    return parsed(
        text,
        () ->
            StatusException.badRequest(
                "resourceVersion: Invalid value: \""
                    + text
                    + "\": strconv.ParseUint: parsing \""
                    + text
                    + "\": invalid syntax"));
  }

  private static long parsed(String text, Supplier<StatusException> refusal) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Refused below, as a negative number is.
    }
    throw refusal.get();
  }
}
