package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.BuiltInSchema;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Conversion;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Incoming;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.Subresource;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Objects of one resource in a version that they are not stored in. Reads and writes go through the
 * stored resource, with its rules for who may do what. Server-side apply counts its fields in the
 * stored version. Thread-safe.
 */
public final class ConvertedAccess implements ObjectAccess {
  private static final Incoming INCOMING = new Incoming(new BuiltInSchema(SchemaTable.builtIn()));
  private static final Pattern FIELD = Pattern.compile("(^|,)([^=!,]+)");
  private static final int MAX_ATTEMPTS = 10;

  private final ObjectAccess objects;
  private final Conversion conversion;

  public ConvertedAccess(ObjectAccess objects, Conversion conversion) {
    this.objects = objects;
    this.conversion = conversion;
  }

  private Obj served(Obj stored) {
    // A deletion may be answered by a Status.
    return stored.string("kind").equals("Status") ? stored : conversion.fromStored().apply(stored);
  }

  private ListOptions stored(ListOptions options) {
    Matcher fields = FIELD.matcher(options.fieldSelector());
    return options.withFields(
        fields.replaceAll(
            field ->
                Matcher.quoteReplacement(
                    field.group(1) + conversion.field().apply(field.group(2)))));
  }

  @Override
  public Obj get(GroupResource resource, ObjectKey key, String subresource) {
    return served(objects.get(conversion.stored(), key, subresource));
  }

  @Override
  public ObjectList list(GroupResource resource, String namespace, ListOptions options) {
    ObjectList list = objects.list(conversion.stored(), namespace, stored(options));
    return new ObjectList(
        list.items().stream().map(this::served).toList(),
        list.resourceVersion(),
        list.continueToken(),
        list.remaining());
  }

  @Override
  public Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    Obj stored = conversion.toStored().apply(accepted(object, options), Obj.EMPTY);
    if (subresource.isEmpty()) {
      Causes causes = new Causes();
      conversion.served().strategy().checkNew(stored, causes);
      refuse(stored, causes);
    }
    return served(
        objects.create(conversion.stored(), key, subresource, stored, options.accepted()));
  }

  private void checkUpdate(String subresource, Obj updated, Obj existing) {
    if (subresource.isEmpty()) {
      Causes causes = new Causes();
      conversion.served().strategy().checkUpdate(updated, existing, causes);
      refuse(updated, causes);
    }
  }

  private void refuse(Obj object, Causes causes) {
    if (!causes.isEmpty()) {
      throw StatusException.invalid(
          conversion.served().resource().group(),
          conversion.served().kind(),
          Meta.of(object).name(),
          causes.list());
    }
  }

  /** Unknown fields are told of in this version's names. */
  private Obj accepted(Obj object, WriteOptions options) {
    return INCOMING.accepted(conversion.served().groupVersionKind(), object, options);
  }

  @Override
  public Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    Obj existing = objects.get(conversion.stored(), key, subresource);
    Obj stored = conversion.toStored().apply(accepted(object, options), existing);
    checkUpdate(subresource, stored, existing);
    return served(
        objects.update(conversion.stored(), key, subresource, stored, options.accepted()));
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    if (patch.kind() == Patch.Kind.APPLY) {
      if (!subresource.isEmpty() || !(patch.body() instanceof Obj config)) {
        throw StatusException.of(
            Reason.UNSUPPORTED_MEDIA_TYPE,
            "apply is not served for " + conversion.served().apiVersion() + " " + subresource);
      }
      Obj stored = conversion.toStored().apply(accepted(config, options), Obj.EMPTY);
      Patch applied = new Patch(Patch.Kind.APPLY, stored);
      return served(objects.patch(conversion.stored(), key, subresource, applied, options));
    }
    for (int attempt = 1; ; attempt++) {
      Obj existing = objects.get(conversion.stored(), key, subresource);
      Obj wanted = INCOMING.patched(kind(subresource), served(existing), patch, options);
      Obj stored = conversion.toStored().apply(wanted, existing);
      checkUpdate(subresource, stored, existing);
      try {
        return served(
            objects.update(conversion.stored(), key, subresource, stored, options.accepted()));
      } catch (StatusException e) {
        if (e.reason() != Reason.CONFLICT || attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private dev.wherry.api.object.GroupVersionKind kind(String subresource) {
    return conversion
        .served()
        .subresource(subresource)
        .map(Subresource::kind)
        .orElse(conversion.served().groupVersionKind());
  }

  @Override
  public Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options) {
    return served(objects.delete(conversion.stored(), key, options));
  }

  @Override
  public List<Obj> deleteCollection(
      GroupResource resource, String namespace, ListOptions selection, DeleteOptions options) {
    return objects
        .deleteCollection(conversion.stored(), namespace, stored(selection), options)
        .stream()
        .map(this::served)
        .toList();
  }

  @Override
  public ObjectWatch watch(
      GroupResource resource,
      String namespace,
      ListOptions options,
      ObjectWatch.Listener listener) {
    return objects.watch(
        conversion.stored(),
        namespace,
        stored(options),
        events -> listener.onEvents(events.stream().map(this::served).toList()));
  }

  private WatchEvent served(WatchEvent event) {
    return switch (event) {
      case WatchEvent.Added(Obj object) -> new WatchEvent.Added(served(object));
      case WatchEvent.Modified(Obj object, Obj previous) ->
          new WatchEvent.Modified(served(object), served(previous));
      case WatchEvent.Deleted(Obj object) -> new WatchEvent.Deleted(served(object));
      case WatchEvent.Bookmark bookmark -> bookmark;
    };
  }
}
