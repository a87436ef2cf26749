package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.admission.Admission;
import dev.wherry.master.admission.NamespaceLifecycle;
import dev.wherry.master.admission.PodDefaults;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.Authorizer;
import dev.wherry.master.auth.BuiltInRules;
import dev.wherry.master.auth.Decision;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.BuiltInSchema;
import dev.wherry.master.registry.Definitions;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.BuiltInKinds;
import dev.wherry.master.store.KvStore;
import java.time.InstantSource;
import java.util.List;

/**
 * Where everybody comes in: it gives each identity its {@link ObjectAccess}. Streams to pods ask
 * {@link #require} before they go to the {@code Connector}. Thread-safe.
 */
public final class Entrance implements AutoCloseable {
  private final Registry registry;
  private final Authorizer authorizer;
  private final Admission admission;
  private final Audit audit;

  public Entrance(Registry registry, Authorizer authorizer, Admission admission, Audit audit) {
    this.registry = registry;
    this.authorizer = authorizer;
    this.admission = admission;
    this.audit = audit;
  }

  /**
   * The entrance to the built-in kinds over this store, with the built-in rules and steps of
   * admission.
   */
  public static Entrance open(
      KvStore store, ClusterNetwork network, InstantSource clock, Audit audit) {
    Registry registry =
        new Registry(
            store,
            BuiltInKinds.definitions(),
            new BuiltInSchema(SchemaTable.builtIn()),
            BuiltInKinds.allocations(network),
            clock);
    NamespaceLifecycle namespaces =
        new NamespaceLifecycle(
            name -> registry.find(GroupResource.NAMESPACES, new ObjectKey("", name)));
    Admission admission =
        new Admission(List.of(namespaces, new PodDefaults()), List.of(namespaces));
    return new Entrance(registry, new BuiltInRules(), admission, audit);
  }

  /** The objects, as this identity may use them. Cheap: make one a request. */
  public ObjectAccess as(Identity identity) {
    return new AuthorizedAccess(this, registry, admission, audit, identity);
  }

  /** What is served, for discovery. */
  public Definitions definitions() {
    return registry.definitions();
  }

  /**
   * Returns when the identity may do this.
   *
   * @throws StatusException FORBIDDEN when not, in Kubernetes' words
   */
  public void require(
      Identity identity, String verb, GroupResource resource, String subresource, ObjectKey key) {
    Attributes wanted =
        new Attributes(identity.name(), identity.groups(), verb, resource, subresource, key);
    switch (authorizer.decide(wanted)) {
      case Decision.Allowed _ -> {}
      case Decision.Denied denied -> throw forbidden(wanted, denied.reason());
    }
  }

  private StatusException forbidden(Attributes wanted, String reason) {
    GroupResource resource = wanted.resource();
    StringBuilder message =
        new StringBuilder("User \"")
            .append(wanted.user())
            .append("\" cannot ")
            .append(wanted.verb())
            .append(" resource \"")
            .append(resource.resource())
            .append(wanted.subresource().isEmpty() ? "" : "/" + wanted.subresource())
            .append("\" in API group \"")
            .append(resource.group())
            .append('"');
    boolean namespaced =
        registry.definitions().find(resource).map(ResourceDefinition::isNamespaced).orElse(true);
    message.append(
        namespaced && !wanted.key().namespace().isEmpty()
            ? " in the namespace \"" + wanted.key().namespace() + "\""
            : " at the cluster scope");
    if (!reason.isEmpty()) {
      message.append(": ").append(reason);
    }
    return StatusException.forbidden(resource, wanted.key().name(), message.toString());
  }

  /** Ends every watch; the store stays open. */
  @Override
  public void close() {
    registry.close();
  }
}
