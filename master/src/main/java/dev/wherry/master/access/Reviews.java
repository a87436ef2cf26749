package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.Authorizer;
import dev.wherry.master.auth.Decision;
import dev.wherry.master.auth.Rbac;
import dev.wherry.master.auth.Rule;
import dev.wherry.master.auth.TokenCheck;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Answers the kinds that ask who somebody is and what they may do (authentication.k8s.io,
 * authorization.k8s.io). Thread-safe.
 */
final class Reviews {
  private static final String AUTHENTICATION = "authentication.k8s.io";
  private static final String AUTHORIZATION = "authorization.k8s.io";

  private final Authorizer authorizer;
  private final Rbac rbac;
  private final TokenCheck tokens;
  private final InstantSource clock;

  Reviews(Authorizer authorizer, Rbac rbac, TokenCheck tokens, InstantSource clock) {
    this.authorizer = authorizer;
    this.rbac = rbac;
    this.tokens = tokens;
    this.clock = clock;
  }

  /** The review with its status; empty where the resource is none. */
  Optional<Obj> answer(Identity asker, GroupResource resource, String namespace, Obj review) {
    return switch (resource.group()) {
      case AUTHENTICATION ->
          switch (resource.resource()) {
            case "tokenreviews" -> Optional.of(token(review));
            case "selfsubjectreviews" -> Optional.of(whoAmI(asker, review));
            default -> Optional.empty();
          };
      case AUTHORIZATION ->
          switch (resource.resource()) {
            case "subjectaccessreviews" -> Optional.of(access(review, subject(review)));
            case "localsubjectaccessreviews" -> Optional.of(local(review, namespace));
            case "selfsubjectaccessreviews" -> Optional.of(access(review, asker));
            case "selfsubjectrulesreviews" -> Optional.of(rules(asker, review));
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }

  private Obj answered(Obj review, String group, String kind, Obj status) {
    String now = Meta.Times.format(clock.instant());
    return Obj.of(
        "kind",
        kind,
        "apiVersion",
        group + "/v1",
        "metadata",
        review.obj("metadata").with("creationTimestamp", now),
        "spec",
        review.obj("spec"),
        "status",
        status);
  }

  private static Obj user(Identity identity) {
    Obj extra = Obj.of(new LinkedHashMap<>(new java.util.TreeMap<>(identity.extra())));
    return Obj.builder()
        .put("username", identity.name())
        .putUnlessEmpty("uid", identity.uid())
        .putUnlessEmpty("groups", identity.groups())
        .putUnlessEmpty("extra", extra)
        .build();
  }

  private Obj whoAmI(Identity asker, Obj review) {
    return answered(review, AUTHENTICATION, "SelfSubjectReview", Obj.of("userInfo", user(asker)))
        .without("spec");
  }

  private Obj token(Obj review) {
    Obj spec = review.obj("spec");
    if (spec.string("token").isEmpty()) {
      throw StatusException.badRequest("token is required for TokenReview in authentication");
    }
    List<String> audiences = spec.strings("audiences");
    TokenCheck.Outcome outcome =
        audiences.isEmpty()
            ? tokens.check(spec.string("token"))
            : tokens.check(spec.string("token"), audiences);
    Obj status =
        switch (outcome) {
          case TokenCheck.Outcome.Known(var user, var common) ->
              Obj.of("authenticated", true, "user", user(Identity.of(user)), "audiences", common);
          case TokenCheck.Outcome.Refused(String reason) ->
              Obj.of("user", Obj.EMPTY, "error", reason);
        };
    return answered(review, AUTHENTICATION, "TokenReview", status);
  }

  private static Identity subject(Obj review) {
    Obj spec = review.obj("spec");
    List<String> groups = spec.strings("groups");
    if (spec.string("user").isEmpty() && groups.isEmpty()) {
      throw invalid(
          "SubjectAccessReview",
          Cause.invalid("spec.user", "", "at least one of user or group must be specified"));
    }
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (Obj.Entry each : spec.obj("extra")) {
      extra.put(each.key(), spec.obj("extra").strings(each.key()));
    }
    return new Identity(spec.string("user"), spec.string("uid"), groups, extra);
  }

  private static StatusException invalid(String kind, Cause cause) {
    return StatusException.invalid(AUTHORIZATION, kind, "", List.of(cause));
  }

  private Obj local(Obj review, String namespace) {
    Obj wanted = review.obj("spec").obj("resourceAttributes");
    if (!wanted.string("namespace").equals(namespace)) {
      throw invalid(
          "LocalSubjectAccessReview",
          Cause.invalid(
              "spec.resourceAttributes.namespace",
              wanted.string("namespace"),
              "must match metadata.namespace"));
    }
    return access(review, subject(review)).with("kind", "LocalSubjectAccessReview");
  }

  private Obj access(Obj review, Identity who) {
    Obj spec = review.obj("spec");
    String kind =
        spec.has("user") || spec.has("groups") ? "SubjectAccessReview" : "SelfSubjectAccessReview";
    if (spec.has("resourceAttributes") == spec.has("nonResourceAttributes")) {
      throw invalid(
          kind,
          Cause.invalid(
              "spec.resourceAttributes",
              spec.obj("resourceAttributes"),
              spec.has("resourceAttributes")
                  ? "cannot be specified in combination with nonResourceAttributes"
                  : "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
    }
    Obj status =
        switch (authorizer.decide(attributes(spec, who))) {
          case Decision.Allowed(String reason) ->
              Obj.builder().put("allowed", true).putUnlessEmpty("reason", reason).build();
          case Decision.Denied(String reason) ->
              Obj.builder().put("allowed", false).putUnlessEmpty("reason", reason).build();
        };
    return answered(review, AUTHORIZATION, kind, status);
  }

  private static Attributes attributes(Obj spec, Identity who) {
    if (spec.has("nonResourceAttributes")) {
      Obj path = spec.obj("nonResourceAttributes");
      return new Attributes(
          who.name(),
          who.groups(),
          path.string("verb").toLowerCase(Locale.ROOT),
          new Attributes.Target.Path(path.string("path")));
    }
    Obj wanted = spec.obj("resourceAttributes");
    return new Attributes(
        who.name(),
        who.groups(),
        wanted.string("verb"),
        new GroupResource(wanted.string("group"), wanted.string("resource")),
        wanted.string("subresource"),
        new ObjectKey(wanted.string("namespace"), wanted.string("name")));
  }

  private Obj rules(Identity asker, Obj review) {
    String namespace = review.obj("spec").string("namespace");
    if (namespace.isEmpty()) {
      throw StatusException.badRequest("no namespace on request");
    }
    List<Obj> resources = new ArrayList<>();
    List<Obj> paths = new ArrayList<>();
    for (Rule rule : rbac.rules(asker.name(), asker.groups(), namespace)) {
      (rule.paths().isEmpty() ? resources : paths).add(rule.tree());
    }
    Obj status = Obj.of("resourceRules", resources, "nonResourceRules", paths, "incomplete", false);
    return answered(review, AUTHORIZATION, "SelfSubjectRulesReview", status);
  }
}
