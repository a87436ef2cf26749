package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.Set;

/** Keeps the default priority class the only one, and those of the system. Thread-safe. */
public final class DefaultPriority implements Step.Validating {
  private static final Set<String> SYSTEM =
      Set.of("system-cluster-critical", "system-node-critical");
  private final Objects objects;

  public DefaultPriority(Objects objects) {
    this.objects = objects;
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    if (!change.definition().resource().equals(GroupResource.PRIORITY_CLASSES)) {
      return;
    }
    if (change.verb() == Change.Verb.DELETE && SYSTEM.contains(change.key().name())) {
      throw StatusException.forbidden(
          GroupResource.PRIORITY_CLASSES,
          change.key().name(),
          "this is a system priority class and cannot be deleted");
    }
    if (change.object().flag("globalDefault")) {
      refuseSecond(change);
    }
  }

  private void refuseSecond(Change change) {
    GroupResource classes = GroupResource.PRIORITY_CLASSES;
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
