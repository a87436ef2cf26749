package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.User;
import dev.wherry.master.registry.Change;
import java.util.List;

/**
 * A change with the user who wants it.
 *
 * @param by who wants it
 */
public record Request(User by, Change change) {

  /** The user's name. */
  public String user() {
    return by.name();
  }

  public List<String> groups() {
    return by.groups();
  }

  /** Whether an object of this resource is being made. */
  public boolean creates(GroupResource resource) {
    return change.verb() == Change.Verb.CREATE
        && change.subresource().isEmpty()
        && change.definition().resource().equals(resource);
  }

  public Request withObject(Obj object) {
    return new Request(by, change.withObject(object));
  }
}
