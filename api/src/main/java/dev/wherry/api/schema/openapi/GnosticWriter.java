package dev.wherry.api.schema.openapi;

import dev.wherry.api.schema.protobuf.WireWriter;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Set;

/**
 * Writes parts of an OpenAPI 2 document in the protobuf form of gnostic ({@code openapi.v2},
 * OpenAPIv2.proto), which kubectl asks for. The numbers are those of its messages' fields.
 *
 * <p>A document is written part by part: protobuf merges the {@code paths} and {@code definitions}
 * of all parts, so none has to be in memory with another. Confined to one thread.
 */
final class GnosticWriter {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

  private final WireWriter out = new WireWriter();

  private byte[] taken() {
    byte[] bytes = out.toByteArray();
    out.clear();
    return bytes;
  }

  /** {@code Document} with what stands at its head. */
  byte[] head(String title, String version) {
    int info = out.size();
    out.string(2, version);
    out.string(1, title);
    out.message(2, info);
    out.string(1, "2.0");
    return taken();
  }

  /** {@code Document} with one path. */
  byte[] path(String path, Obj item) {
    int paths = out.size();
    int named = out.size();
    int value = out.size();
    pathItem(item);
    out.message(2, value);
    out.string(1, path);
    out.message(2, named);
    out.message(8, paths);
    return taken();
  }

  /** {@code Document} with one definition. */
  byte[] definition(String name, Obj schema) {
    int definitions = out.size();
    namedSchema(name, schema);
    out.message(9, definitions);
    return taken();
  }

  /** {@code NamedSchema}, as field 1 of {@code Definitions} and of {@code Properties}. */
  private void namedSchema(String name, Obj schema) {
    int named = out.size();
    int value = out.size();
    schema(schema);
    out.message(2, value);
    out.string(1, name);
    out.message(1, named);
  }

  private void pathItem(Obj item) {
    for (int i = item.size() - 1; i >= 0; i--) {
      String key = item.keyAt(i);
      if (METHODS.contains(key)) {
        int mark = out.size();
        operation(item.obj(key));
        out.message(
            switch (key) {
              case "get" -> 2;
              case "put" -> 3;
              case "post" -> 4;
              case "delete" -> 5;
              default -> 8;
            },
            mark);
      }
    }
    parameters(9, item.objs("parameters"));
  }

  private void operation(Obj operation) {
    extensions(13, operation);
    strings(10, operation.strings("schemes"));
    int responses = out.size();
    Obj byCode = operation.obj("responses");
    for (int i = byCode.size() - 1; i >= 0; i--) {
      response(byCode.keyAt(i), byCode.obj(byCode.keyAt(i)));
    }
    out.message(9, responses);
    parameters(8, operation.objs("parameters"));
    strings(7, operation.strings("consumes"));
    strings(6, operation.strings("produces"));
    out.string(5, operation.string("operationId"));
    out.string(3, operation.string("description"));
    strings(1, operation.strings("tags"));
  }

  /** {@code NamedResponseValue}, as field 1 of {@code Responses}. */
  private void response(String code, Obj response) {
    int named = out.size();
    int value = out.size();
    int inner = out.size();
    if (response.has("schema")) {
      int item = out.size();
      int schema = out.size();
      schema(response.obj("schema"));
      out.message(1, schema);
      out.message(2, item);
    }
    out.string(1, response.string("description"));
    out.message(1, inner);
    out.message(2, value);
    out.string(1, code);
    out.message(1, named);
  }

  private void parameters(int field, List<Obj> parameters) {
    for (Obj parameter : parameters.reversed()) {
      int item = out.size();
      int mark = out.size();
      parameter(parameter);
      out.message(1, mark);
      out.message(field, item);
    }
  }

  /** {@code Parameter}: a body, or one of a query or path, which only differ in their numbers. */
  private void parameter(Obj parameter) {
    String in = parameter.string("in");
    if (in.equals("body")) {
      int body = out.size();
      int schema = out.size();
      schema(parameter.obj("schema"));
      out.message(5, schema);
      out.bool(4, parameter.flag("required"));
      out.string(3, in);
      out.string(2, parameter.string("name"));
      out.message(1, body);
      return;
    }
    boolean query = in.equals("query");
    int other = out.size();
    int mark = out.size();
    out.bool(query ? 20 : 19, parameter.flag("uniqueItems"));
    out.string(query ? 6 : 5, parameter.string("type"));
    out.string(4, parameter.string("name"));
    out.string(2, in);
    out.bool(1, parameter.flag("required"));
    out.message(query ? 3 : 4, mark);
    out.message(2, other);
  }

  private void schema(Obj schema) {
    extensions(31, schema);
    Obj properties = schema.obj("properties");
    if (!properties.isEmpty()) {
      int mark = out.size();
      for (int i = properties.size() - 1; i >= 0; i--) {
        namedSchema(properties.keyAt(i), properties.obj(properties.keyAt(i)));
      }
      out.message(25, mark);
    }
    if (schema.has("items")) {
      int items = out.size();
      nested(1, schema.obj("items"));
      out.message(23, items);
    }
    if (schema.has("type")) {
      int type = out.size();
      out.string(1, schema.string("type"));
      out.message(22, type);
    }
    if (schema.has("additionalProperties")) {
      int additional = out.size();
      nested(1, schema.obj("additionalProperties"));
      out.message(21, additional);
    }
    strings(19, schema.strings("required"));
    schema.get("default").ifPresent(value -> any(5, value));
    texts(schema);
  }

  private void texts(Obj schema) {
    if (schema.has("description")) {
      out.string(4, schema.string("description"));
    }
    if (schema.has("format")) {
      out.string(2, schema.string("format"));
    }
    if (schema.has("$ref")) {
      out.string(1, schema.string("$ref"));
    }
  }

  private void nested(int field, Obj schema) {
    int mark = out.size();
    schema(schema);
    out.message(field, mark);
  }

  private void strings(int field, List<String> values) {
    for (String value : values.reversed()) {
      out.string(field, value);
    }
  }

  /** {@code Any}: the value as YAML, which JSON is. */
  private void any(int field, Object value) {
    int mark = out.size();
    out.string(2, Json.text(value) + "\n");
    out.message(field, mark);
  }

  /** A {@code NamedAny} for each member that begins with {@code x-}. */
  private void extensions(int field, Obj object) {
    for (int i = object.size() - 1; i >= 0; i--) {
      if (object.keyAt(i).startsWith("x-")) {
        int named = out.size();
        any(2, object.valueAt(i));
        out.string(1, object.keyAt(i));
        out.message(field, named);
      }
    }
  }
}
