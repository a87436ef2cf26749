package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.List;

/** A change with the user who wants it. */
public record Request(String user, List<String> groups, Change change) {
  public Request {
    groups = List.copyOf(groups);
  }

  public Request withObject(Obj object) {
    return new Request(user, groups, change.withObject(object));
  }
}
