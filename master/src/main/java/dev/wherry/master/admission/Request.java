package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.List;

/** A change with the user who wants it. */
public record Request(String user, List<String> groups, Change change) {
  public Request {
    groups = List.copyOf(groups);
  }

  /** Whether an object of this resource is being made. */
  public boolean creates(GroupResource resource) {
    return change.verb() == Change.Verb.CREATE
        && change.subresource().isEmpty()
        && change.definition().resource().equals(resource);
  }

  public Request withObject(Obj object) {
    return new Request(user, groups, change.withObject(object));
  }
}
