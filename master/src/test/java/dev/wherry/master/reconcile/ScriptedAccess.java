package dev.wherry.master.reconcile;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Lists as it was told and watches whose events the test sends. Confined to one thread. */
final class ScriptedAccess implements ObjectAccess {
  final ArrayDeque<ObjectList> lists = new ArrayDeque<>();
  final List<String> watchedFrom = new ArrayList<>();
  int expiredWatches;
  private ObjectWatch.Listener listener = _ -> {};

  void send(WatchEvent... events) {
    listener.onEvents(List.of(events));
  }

  @Override
  public ObjectList list(GroupResource resource, String namespace, ListOptions options) {
    return lists.removeFirst();
  }

  @Override
  public ObjectWatch watch(
      GroupResource resource, String namespace, ListOptions options, ObjectWatch.Listener toTell) {
    watchedFrom.add(options.resourceVersion());
    if (expiredWatches > 0) {
      expiredWatches--;
      throw StatusException.of(Reason.EXPIRED, "too old resource version");
    }
    listener = toTell;
    return new ObjectWatch() {
      @Override
      public void close() {
        listener = _ -> {};
      }

      @Override
      public void requestBookmark() {}
    };
  }

  private static UnsupportedOperationException unscripted() {
    return new UnsupportedOperationException("only lists and watches are scripted");
  }

  @Override
  public Obj get(GroupResource resource, ObjectKey key, String subresource) {
    throw unscripted();
  }

  @Override
  public Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    throw unscripted();
  }

  @Override
  public Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    throw unscripted();
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    throw unscripted();
  }

  @Override
  public Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options) {
    throw unscripted();
  }

  @Override
  public List<Obj> deleteCollection(
      GroupResource resource, String namespace, ListOptions selection, DeleteOptions options) {
    throw unscripted();
  }
}
