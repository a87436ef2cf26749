package dev.wherry.api.schema.openapi;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.Descriptions;
import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Obj;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The types that some resources need: their kinds, lists, what clients send with a delete and get
 * on failure, and whatever those refer to. Immutable.
 */
final class DefinitionSet {
  private final SchemaTable table;
  private final Set<String> types = new HashSet<>();
  private final Set<String> inlined = new HashSet<>();
  private final Map<String, List<GroupVersionKind>> kinds = new HashMap<>();

  DefinitionSet(SchemaTable table, Collection<ServedResource> resources) {
    this.table = table;
    Deque<TypeSchema> open = new ArrayDeque<>();
    for (ServedResource resource : resources) {
      GroupVersionKind kind = resource.kind();
      add(kind, open);
      add(new GroupVersionKind(kind.group(), kind.version(), kind.kind() + "List"), open);
      add(new GroupVersionKind(kind.group(), kind.version(), "DeleteOptions"), open);
      add(new GroupVersionKind(kind.group(), kind.version(), "WatchEvent"), open);
      resource.subresources().forEach(part -> add(part.kind(), open));
    }
    add(new GroupVersionKind("", "v1", "Status"), open);
    while (!open.isEmpty()) {
      for (FieldSchema field : open.pop().wireFields()) {
        if (field.isMessage()) {
          include(field.type(), open);
          if (field.isInline()) {
            inlined.add(field.type().name());
          }
        }
      }
    }
    kinds.values().forEach(list -> list.sort(Comparator.comparing(GroupVersionKind::toString)));
  }

  /** Kinds that the table does not know, such as custom ones, have no definition here. */
  private void add(GroupVersionKind kind, Deque<TypeSchema> open) {
    table
        .kind(kind)
        .ifPresent(
            type -> {
              List<GroupVersionKind> known =
                  kinds.computeIfAbsent(type.name(), _ -> new ArrayList<>());
              if (!known.contains(kind)) {
                known.add(kind);
              }
              include(type, open);
            });
  }

  private void include(TypeSchema type, Deque<TypeSchema> open) {
    if (types.add(type.name())) {
      open.push(type);
    }
  }

  /** The name of the definition of a kind; empty where there is none. */
  static String nameOf(SchemaTable table, GroupVersionKind kind) {
    return table.kind(kind).map(TypeSchema::openApiName).orElse("");
  }

  /** Renders one definition after the other, by the names of the types. */
  void forEach(Dialect dialect, BiConsumer<String, Obj> consumer) {
    Definition definition = new Definition(dialect, inlinedDescriptions());
    try (Descriptions descriptions = table.descriptions()) {
      for (String name : table.typeNames()) {
        if (!types.contains(name)) {
          descriptions.skip();
          continue;
        }
        TypeSchema type = table.type(name).orElseThrow();
        Descriptions.Entry described = descriptions.next(type.wireFields().size());
        consumer.accept(
            type.openApiName(),
            definition.render(type, described, kinds.getOrDefault(name, List.of())));
      }
    }
  }

  /** They are read first: the types that inline others may come before them in the file. */
  private Map<String, Descriptions.Entry> inlinedDescriptions() {
    Map<String, Descriptions.Entry> entries = new HashMap<>();
    try (Descriptions descriptions = table.descriptions()) {
      for (String name : table.typeNames()) {
        if (inlined.contains(name)) {
          int fields = table.type(name).orElseThrow().wireFields().size();
          entries.put(name, descriptions.next(fields));
        } else {
          descriptions.skip();
        }
      }
    }
    return entries;
  }
}
