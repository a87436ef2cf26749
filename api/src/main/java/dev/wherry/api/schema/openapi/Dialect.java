package dev.wherry.api.schema.openapi;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** Where the two versions of OpenAPI differ. */
enum Dialect {
  V2 {
    @Override
    Obj reference(String definition) {
      return Obj.of("$ref", "#/definitions/" + definition);
    }

    @Override
    Obj referenceWith(Obj about, String definition) {
      return about.with("$ref", "#/definitions/" + definition);
    }

    @Override
    Obj numberOrString(Obj about) {
      return about.with("type", "string");
    }

    @Override
    Obj parameter(Obj about, String type) {
      return about.with("type", type).with("uniqueItems", true);
    }
  },
  V3 {
    @Override
    Obj reference(String definition) {
      return Obj.of("$ref", "#/components/schemas/" + definition);
    }

    /** Beside a reference nothing counts, so the reference moves down. */
    @Override
    Obj referenceWith(Obj about, String definition) {
      return about.isEmpty()
          ? reference(definition)
          : about.with("allOf", List.of(reference(definition)));
    }

    @Override
    Obj numberOrString(Obj about) {
      String number = about.string("format").equals("int-or-string") ? "integer" : "number";
      return about.with("oneOf", List.of(Obj.of("type", number), Obj.of("type", "string")));
    }

    @Override
    Obj parameter(Obj about, String type) {
      return about.with("schema", Obj.of("type", type, "uniqueItems", true));
    }
  };

  abstract Obj reference(String definition);

  /** A reference with a description and extensions. */
  abstract Obj referenceWith(Obj about, String definition);

  abstract Obj numberOrString(Obj about);

  /** A parameter of a path or query. */
  abstract Obj parameter(Obj about, String type);
}
