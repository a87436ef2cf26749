package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Admission;
import dev.wherry.master.admission.AdmissionOptions;
import dev.wherry.master.admission.NodeRestriction;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.audit.Trail;
import dev.wherry.master.auth.AccountTokens;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.Authorizer;
import dev.wherry.master.auth.Authorizers;
import dev.wherry.master.auth.Decision;
import dev.wherry.master.auth.NodeRules;
import dev.wherry.master.auth.Rbac;
import dev.wherry.master.auth.RoleIndex;
import dev.wherry.master.auth.TokenCheck;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.BuiltInSchema;
import dev.wherry.master.registry.Definitions;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.BuiltInKinds;
import dev.wherry.master.store.KvStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where everybody comes in: it says who shows a token, and gives each identity its {@link
 * ObjectAccess}. Streams to pods ask {@link #require} before they go to the {@code Connector}.
 * Thread-safe.
 */
public final class Entrance implements AutoCloseable {
  private final Registry registry;
  private final AccountTokens tokens;
  private final TokenCheck tokenCheck;
  private final Authorizer authorizer;
  private final Reviews reviews;
  private final RoleWatch roleWatch;
  private final Admission admission;
  private final NodeRestriction nodeRestriction;
  private final Audit audit;
  private final InstantSource clock;

  /** The entrance to this registry, which it closes. Roles are read now and watched from now on. */
  public Entrance(Registry registry, AccountTokens tokens, InstantSource clock, Audit audit) {
    this(registry, tokens, clock, audit, AdmissionOptions.STANDARD);
  }

  /** As the other one, with a configuration of admission. */
  public Entrance(
      Registry registry,
      AccountTokens tokens,
      InstantSource clock,
      Audit audit,
      AdmissionOptions options) {
    this.registry = registry;
    this.tokens = tokens;
    this.audit = audit;
    this.clock = clock;
    RoleIndex roles = new RoleIndex();
    Rbac rbac = new Rbac(roles);
    this.authorizer = new Authorizers(List.of(new NodeRules(new NodePods(registry)), rbac));
    this.tokenCheck = new TokenCheck(tokens, registry::find);
    this.reviews = new Reviews(authorizer, rbac, tokenCheck, clock);
    this.roleWatch = new RoleWatch(registry, roles);
    this.nodeRestriction = new NodeRestriction(new RegistryObjects(registry));
    this.admission =
        AdmissionChain.of(
            registry,
            options,
            clock,
            List.of(
                new RoleGuard(authorizer, rbac),
                new CertificateGuard(authorizer),
                new ClaimStatusGuard(authorizer)));
  }

  /** The entrance to the built-in kinds over this store, with a token key of its own. */
  public static Entrance open(
      KvStore store, ClusterNetwork network, InstantSource clock, Audit audit) {
    return open(store, network, clock, audit, AdmissionOptions.STANDARD);
  }

  /** As the other one, with a configuration of admission. */
  public static Entrance open(
      KvStore store,
      ClusterNetwork network,
      InstantSource clock,
      Audit audit,
      AdmissionOptions options) {
    Registry registry =
        new Registry(
            store,
            BuiltInKinds.definitions(),
            BuiltInKinds.unstored(Optional::empty),
            new BuiltInSchema(SchemaTable.builtIn()),
            BuiltInKinds.allocations(network),
            clock);
    return new Entrance(registry, AccountTokens.ephemeral(clock), clock, audit, options);
  }

  /** The objects, as this identity may use them. Cheap: make one a request. */
  public ObjectAccess as(Identity identity) {
    return new AuditedAccess(
        new AuthorizedAccess(this, registry, admission, identity),
        registry.definitions(),
        identity,
        audit,
        clock);
  }

  /** What is stored, for who has passed another check, such as that for a stream to a pod. */
  public ObjectAccess stored() {
    return new AuthorizedAccess(this, registry, admission, Identity.MASTER);
  }

  /** Where requests from outside begin their record. */
  public Audit audit() {
    return audit;
  }

  /** What is served, for discovery. */
  public Definitions definitions() {
    return registry.definitions();
  }

  /**
   * {@code /.well-known/openid-configuration}: who issues the tokens of service accounts.
   *
   * @param apiServer its URL
   */
  public Obj issuer(String apiServer) {
    return tokens.discovery(apiServer);
  }

  /** {@code /openid/v1/jwks}: the keys of those tokens. */
  public Obj issuerKeys() {
    return tokens.keySet();
  }

  /**
   * Who shows this bearer token.
   *
   * @throws StatusException UNAUTHORIZED when it is no good
   */
  public Identity identify(String token) {
    return switch (tokenCheck.check(token)) {
      case TokenCheck.Outcome.Known(var user, var _) -> Identity.of(user);
      case TokenCheck.Outcome.Refused _ ->
          throw StatusException.of(Reason.UNAUTHORIZED, "Unauthorized");
    };
  }

  /**
   * The identity that this one takes on.
   *
   * @throws StatusException FORBIDDEN when it may not
   */
  public Identity impersonated(Identity identity, Impersonation wanted) {
    if (wanted.user().isEmpty()) {
      throw StatusException.badRequest(
          "requested impersonation of groups, uid or extra without impersonating a user");
    }
    for (Impersonation.Asked each : wanted.asked()) {
      requireQuietly(identity, each);
    }
    Identity taken = wanted.identity();
    Trail.current().impersonates(taken.user());
    return taken;
  }

  /** What is recorded of the request's own decision is not this one, unless it ends here. */
  private void requireQuietly(Identity identity, Impersonation.Asked asked) {
    Attributes wanted =
        new Attributes(
            identity.name(),
            identity.groups(),
            "impersonate",
            asked.resource(),
            asked.subresource(),
            asked.key());
    if (!authorizer.decide(wanted).isAllowed()) {
      require(identity, "impersonate", asked.resource(), asked.subresource(), asked.key());
    }
  }

  /** The answer where it is a question: a review, or a token that is asked for. */
  Optional<Obj> answer(
      Identity identity, GroupResource resource, ObjectKey key, String subresource, Obj body) {
    if (resource.equals(GroupResource.SERVICE_ACCOUNTS) && subresource.equals("token")) {
      nodeRestriction.checkToken(identity.user(), key, body);
      return Optional.of(tokens.answer(key, body, registry::find));
    }
    return subresource.isEmpty()
        ? reviews.answer(identity, resource, key.namespace(), body)
        : Optional.empty();
  }

  /**
   * Returns when the identity may do this.
   *
   * @throws StatusException FORBIDDEN when not, in Kubernetes' words
   */
  public void require(
      Identity identity, String verb, GroupResource resource, String subresource, ObjectKey key) {
    require(
        identity,
        new Attributes(identity.name(), identity.groups(), verb, resource, subresource, key));
  }

  /** As the other one, for a list or watch that is narrowed to these values of fields. */
  void require(
      Identity identity,
      String verb,
      GroupResource resource,
      ObjectKey key,
      Map<String, String> narrowed) {
    require(
        identity,
        new Attributes(identity.name(), identity.groups(), verb, resource, "", key)
            .narrowedTo(narrowed));
  }

  private void require(Identity identity, Attributes wanted) {
    if (decided(wanted) instanceof Decision.Denied denied
        && wanted.target() instanceof Attributes.Target.Resource target) {
      throw forbidden(
          identity,
          wanted.verb(),
          target.resource(),
          target.subresource(),
          target.key(),
          denied.reason());
    }
  }

  /**
   * Returns when the identity may do this to a path that is no resource, such as {@code /version}.
   *
   * @throws StatusException FORBIDDEN when not
   */
  public void requirePath(Identity identity, String verb, String path) {
    Attributes wanted =
        new Attributes(identity.name(), identity.groups(), verb, new Attributes.Target.Path(path));
    if (!decided(wanted).isAllowed()) {
      throw StatusException.of(
          Reason.FORBIDDEN,
          "forbidden: User \"" + identity.name() + "\" cannot " + verb + " path \"" + path + "\"");
    }
  }

  private Decision decided(Attributes wanted) {
    Decision decision = authorizer.decide(wanted);
    Trail trail = Trail.current();
    trail.annotate("authorization.k8s.io/decision", decision.isAllowed() ? "allow" : "forbid");
    trail.annotate("authorization.k8s.io/reason", decision.reason());
    return decision;
  }

  private StatusException forbidden(
      Identity identity,
      String verb,
      GroupResource resource,
      String subresource,
      ObjectKey key,
      String reason) {
    StringBuilder message =
        new StringBuilder("User \"")
            .append(identity.name())
            .append("\" cannot ")
            .append(verb)
            .append(" resource \"")
            .append(resource.resource())
            .append(subresource.isEmpty() ? "" : "/" + subresource)
            .append("\" in API group \"")
            .append(resource.group())
            .append('"');
    boolean namespaced =
        registry.definitions().find(resource).map(ResourceDefinition::isNamespaced).orElse(true);
    message.append(
        namespaced && !key.namespace().isEmpty()
            ? " in the namespace \"" + key.namespace() + "\""
            : " at the cluster scope");
    if (!reason.isEmpty()) {
      message.append(": ").append(reason);
    }
    return StatusException.forbidden(resource, key.name(), message.toString());
  }

  /** Ends every watch; the store stays open. */
  @Override
  public void close() {
    roleWatch.close();
    registry.close();
  }
}
