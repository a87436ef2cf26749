package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.patch.JsonPatch;
import dev.wherry.api.patch.MergePatch;
import dev.wherry.api.patch.StrategicMergePatch;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.TypeCheck;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.function.Consumer;

/** The types of Kubernetes itself, from the table that the build makes. Thread-safe. */
public final class BuiltInSchema implements ObjectSchema {
  private final SchemaTable table;

  public BuiltInSchema(SchemaTable table) {
    this.table = table;
  }

  @Override
  public TypeSchema type(GroupVersionKind kind) {
    return table
        .kind(kind)
        .orElseThrow(() -> new IllegalStateException("the schema table lacks " + kind));
  }

  @Override
  public Obj known(GroupVersionKind kind, Obj object, Consumer<String> complaints) {
    TypeCheck.Result result = TypeCheck.check(kind, type(kind), object);
    result.unknownFields().forEach(complaints);
    return result.object();
  }

  @Override
  public Obj patched(GroupVersionKind kind, Obj object, Patch patch) {
    return switch (patch.kind()) {
      case JSON -> {
        if (!(patch.body() instanceof List<?> operations)) {
          throw StatusException.badRequest("a JSON patch is a list of operations");
        }
        yield JsonPatch.apply(object, operations);
      }
      case MERGE -> MergePatch.apply(object, body(patch));
      case STRATEGIC -> StrategicMergePatch.apply(type(kind), object, body(patch));
      case APPLY -> throw new IllegalArgumentException("the writer applies");
    };
  }

  private static Obj body(Patch patch) {
    if (patch.body() instanceof Obj body) {
      return body;
    }
    throw StatusException.badRequest("a merge patch is an object");
  }
}
