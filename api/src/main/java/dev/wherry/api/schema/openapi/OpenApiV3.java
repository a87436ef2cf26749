package dev.wherry.api.schema.openapi;

import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.tree.Obj;
import java.io.OutputStream;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The OpenAPI 3 documents, one for each group version below {@code /openapi/v3}, and their index.
 * Written as {@link OpenApiV2} is. Thread-safe.
 */
public final class OpenApiV3 {
  private OpenApiV3() {}

  /**
   * {@code /openapi/v3}: the documents there are, by names such as {@code apis/apps/v1}, each with
   * a URL that changes when the document does.
   */
  public static Obj index(Collection<ServedResource> resources) {
    TreeMap<String, Obj> paths = new TreeMap<>();
    for (ServedResource resource : resources) {
      String name = resource.groupVersionPath();
      paths.computeIfAbsent(
          name,
          _ ->
              Obj.of(
                  "serverRelativeURL",
                  "/openapi/v3/" + name + "?hash=" + Fingerprint.of(of(name, resources))));
    }
    return Obj.of("paths", Obj.of(paths));
  }

  /** The resources of one document; none where there is no such. */
  public static List<ServedResource> of(String name, Collection<ServedResource> resources) {
    return resources.stream().filter(each -> each.groupVersionPath().equals(name)).toList();
  }

  /**
   * Writes the document of one group version; the stream stays open.
   *
   * @param resources those of the group version, as {@link #of} gives them
   */
  public static void writeJson(
      OutputStream out, String version, Collection<ServedResource> resources) {
    SchemaTable table = SchemaTable.builtIn();
    JsonMembers json = new JsonMembers(out).open("{");
    json.member("openapi", "3.0.0");
    json.member("info", Obj.of("title", OpenApiV2.TITLE, "version", version));
    json.open("\"paths\":{");
    PathItems paths = new PathItems(Dialect.V3, table);
    resources.forEach(resource -> paths.forEach(resource, json::member));
    json.close("}").open("\"components\":{").open("\"schemas\":{");
    new DefinitionSet(table, resources).forEach(Dialect.V3, json::member);
    json.close("}").close("}").close("}");
  }
}
