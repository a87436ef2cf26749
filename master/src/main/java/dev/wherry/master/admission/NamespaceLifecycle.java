package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Nothing is created in a namespace that is not there or is being deleted, and the namespaces that
 * the cluster needs are not deleted. First of the mutating steps, so that a request to a wrong
 * namespace hears just that.
 */
public final class NamespaceLifecycle implements Step.Mutating, Step.Validating {
  private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

  private final Function<String, Optional<Obj>> namespaces;

  /** The function looks a namespace up by its name. */
  public NamespaceLifecycle(Function<String, Optional<Obj>> namespaces) {
    this.namespaces = namespaces;
  }

  @Override
  public Obj admit(Request request) {
    Change change = request.change();
    if (change.verb() == Change.Verb.CREATE && change.definition().isNamespaced()) {
      checkCreation(change.definition().resource(), change.key());
    }
    return change.object();
  }

  private void checkCreation(GroupResource resource, ObjectKey key) {
    Obj namespace =
        namespaces
            .apply(key.namespace())
            .orElseThrow(() -> StatusException.notFound(GroupResource.NAMESPACES, key.namespace()));
    if (Meta.of(namespace).isTerminating()) {
      throw StatusException.forbidden(
          resource,
          key.name(),
          "unable to create new content in namespace "
              + key.namespace()
              + " because it is being terminated",
          List.of(
              new Cause(
                  "NamespaceTerminating",
                  "metadata.namespace",
                  "namespace " + key.namespace() + " is being terminated")));
    }
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    if (change.verb() == Change.Verb.DELETE
        && change.definition().resource().equals(GroupResource.NAMESPACES)
        && IMMORTAL.contains(change.key().name())) {
      throw StatusException.forbidden(
          GroupResource.NAMESPACES, change.key().name(), "this namespace may not be deleted");
    }
  }
}
