package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.AccountNames;
import dev.wherry.master.auth.Authorizer;
import dev.wherry.master.auth.Decision;
import dev.wherry.master.auth.Rbac;
import dev.wherry.master.auth.Rule;
import dev.wherry.master.auth.TokenCheck;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
            case "subjectaccessreviews", "localsubjectaccessreviews", "selfsubjectaccessreviews" ->
                Optional.of(
                    access(AccessQuestion.of(resource.resource(), namespace, review, asker)));
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

  private Obj access(AccessQuestion question) {
    Decision decision = authorizer.decide(question.attributes());
    Obj status =
        Obj.builder()
            .put("allowed", decision.isAllowed())
            .putUnlessEmpty("reason", decision.reason())
            .putUnlessEmpty("evaluationError", question.ignored())
            .build();
    return answered(question.review(), AUTHORIZATION, question.kind(), status);
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
    Obj status =
        Obj.builder()
            .put("resourceRules", resources)
            .put("nonResourceRules", paths)
            .put("incomplete", false)
            .putUnlessEmpty("evaluationError", unresolved(asker, namespace))
            .build();
    return answered(review, AUTHORIZATION, "SelfSubjectRulesReview", status);
  }

  /** Why there may be more, or fewer, than the rules say; empty when nothing speaks for it. */
  private String unresolved(Identity asker, String namespace) {
    List<String> why = new ArrayList<>();
    if (AccountNames.node(asker.name(), asker.groups()).isPresent()) {
      why.add("node authorizer does not support user rule resolution");
    }
    rbac.missing(asker.name(), asker.groups(), namespace).ifPresent(why::add);
    return why.size() > 1 ? "[" + String.join(", ", why) + "]" : String.join("", why);
  }
}
