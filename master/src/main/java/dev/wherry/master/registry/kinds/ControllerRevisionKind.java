package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.Locale;

/** Controller revisions: what a stateful or daemon set looked like. */
final class ControllerRevisionKind implements Strategy {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("apps", "v1", "ControllerRevision", "controllerrevisions")
          .columns(
              Column.NAME,
              Column.text("Controller", (revision, _) -> controller(revision)),
              Column.number("Revision", (revision, _) -> revision.number("revision", 0)),
              Column.AGE)
          .strategy(new ControllerRevisionKind())
          .build();

  private ControllerRevisionKind() {}

  private static String controller(Obj revision) {
    for (Obj owner : revision.obj("metadata").objs("ownerReferences")) {
      if (owner.flag("controller")) {
        String group = owner.string("apiVersion").replaceFirst("/?[^/]*$", "");
        String kind = owner.string("kind").toLowerCase(Locale.ROOT);
        return kind + (group.isEmpty() ? "" : "." + group) + "/" + owner.string("name");
      }
    }
    return Cells.NONE;
  }

  @Override
  public void check(Obj revision, Causes causes) {
    long number = revision.number("revision", 0);
    if (number < 0) {
      causes.invalid("revision", number, Checks.NOT_NEGATIVE);
    }
    if (!revision.has("data")) {
      causes.required("data", "data is mandatory");
    } else if (!(revision.get("data").orElseThrow() instanceof Obj)) {
      causes.required("data", "data must be a valid JSON object");
    }
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Checks.immutable(updated, existing, "data", "data", causes);
  }
}
