package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Server-side tables, which {@code kubectl get} shows (meta.k8s.io Table). Pure. */
public final class Tables {

  /** What of its object a row carries: the query parameter {@code includeObject}. */
  public enum Include {
    NONE,
    METADATA,
    OBJECT
  }

  private Tables() {}

  /**
   * A table of these objects, with the metadata alone in its rows.
   *
   * @param now what ages are told from
   */
  public static Obj render(ResourceDefinition definition, List<Obj> objects, Instant now) {
    return render(definition.columns(), objects, Obj.EMPTY, Include.METADATA, "v1", now);
  }

  /**
   * A table.
   *
   * @param listMetadata {@code resourceVersion}, {@code continue} and {@code remainingItemCount}
   * @param version of {@code meta.k8s.io}: {@code v1} or {@code v1beta1}
   */
  public static Obj render(
      List<Column> columns,
      List<Obj> objects,
      Obj listMetadata,
      Include include,
      String version,
      Instant now) {
    return Obj.of(
        "kind",
        "Table",
        "apiVersion",
        "meta.k8s.io/" + version,
        "metadata",
        listMetadata,
        "columnDefinitions",
        definitions(columns),
        "rows",
        rows(columns, objects, include, version, now));
  }

  private static List<Obj> definitions(List<Column> columns) {
    List<Obj> definitions = new ArrayList<>();
    for (Column column : columns) {
      definitions.add(
          Obj.of(
              "name",
              column.name(),
              "type",
              column.type(),
              "format",
              column.format(),
              "description",
              column.description(),
              "priority",
              column.priority()));
    }
    return definitions;
  }

  private static List<Obj> rows(
      List<Column> columns, List<Obj> objects, Include include, String version, Instant now) {
    List<Obj> rows = new ArrayList<>(objects.size());
    for (Obj object : objects) {
      List<Object> cells = new ArrayList<>(columns.size());
      for (Column column : columns) {
        cells.add(column.cell().value(object, now));
      }
      Obj.Builder row = Obj.builder().put("cells", cells);
      switch (include) {
        case NONE -> {}
        case METADATA -> row.put("object", partial(object, version));
        case OBJECT -> row.put("object", object);
      }
      rows.add(row.build());
    }
    return rows;
  }

  /** The object's metadata alone. */
  public static Obj partial(Obj object, String version) {
    return Obj.of(
        "kind",
        "PartialObjectMetadata",
        "apiVersion",
        "meta.k8s.io/" + version,
        "metadata",
        object.obj("metadata"));
  }
}
