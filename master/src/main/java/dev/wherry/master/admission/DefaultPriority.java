package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;

/** Keeps the default priority class the only one. Thread-safe. */
public final class DefaultPriority implements Step.Validating {
  private final Objects objects;

  public DefaultPriority(Objects objects) {
    this.objects = objects;
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    GroupResource classes = GroupResource.PRIORITY_CLASSES;
    if (!change.definition().resource().equals(classes) || !change.object().flag("globalDefault")) {
      return;
    }
    for (Obj each : objects.list(classes, "")) {
      String name = each.obj("metadata").string("name");
      if (each.flag("globalDefault") && !name.equals(change.key().name())) {
        throw StatusException.forbidden(
            classes,
            change.key().name(),
            "PriorityClass %s is already marked as default. Only one default can exist"
                .formatted(name));
      }
    }
  }
}
