package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A review that asks whether somebody may do something (authorization.k8s.io/v1). Pure.
 *
 * @param ignored what of the question was not understood; empty when nothing
 */
record AccessQuestion(String kind, Obj review, Attributes attributes, String ignored) {
  private static final String GROUP = "authorization.k8s.io";
  private static final String RESOURCE = "spec.resourceAttributes";

  /**
   * Reads a review.
   *
   * @param namespace that it was sent to; empty for the cluster
   * @param asker who asks, and is asked about where the review is about oneself
   * @throws StatusException INVALID or BAD_REQUEST when it makes no sense
   */
  static AccessQuestion of(String resource, String namespace, Obj review, Identity asker) {
    Obj spec = review.obj("spec");
    String kind =
        switch (resource) {
          case "localsubjectaccessreviews" -> "LocalSubjectAccessReview";
          case "selfsubjectaccessreviews" -> "SelfSubjectAccessReview";
          default -> "SubjectAccessReview";
        };
    boolean isAboutSelf = kind.startsWith("Self");
    List<Cause> causes = new ArrayList<>();
    checkTarget(spec, causes);
    if (!isAboutSelf && spec.string("user").isEmpty() && spec.strings("groups").isEmpty()) {
      causes.add(Cause.invalid("spec.user", "", "at least one of user or group must be specified"));
    }
    if (kind.startsWith("Local") && spec.has("nonResourceAttributes")) {
      causes.add(
          Cause.invalid(
              "spec.nonResourceAttributes",
              spec.obj("nonResourceAttributes"),
              "disallowed on this kind of request"));
    }
    causes.addAll(AskedSelectors.check(spec.obj("resourceAttributes")));
    if (!causes.isEmpty()) {
      throw StatusException.invalid(GROUP, kind, "", causes);
    }
    String asked = spec.obj("resourceAttributes").string("namespace");
    if (kind.startsWith("Local") && !asked.equals(namespace)) {
      throw StatusException.badRequest(
          "spec.resourceAttributes.namespace must match namespace: " + namespace);
    }
    AskedSelectors selectors = AskedSelectors.of(spec.obj("resourceAttributes"));
    Attributes attributes =
        isAboutSelf
            ? attributes(spec, asker.name(), asker.groups())
            : attributes(spec, spec.string("user"), spec.strings("groups"));
    return new AccessQuestion(
        kind, review, attributes.narrowedTo(selectors.fields()), selectors.ignored());
  }

  private static void checkTarget(Obj spec, List<Cause> causes) {
    if (spec.has("resourceAttributes") && spec.has("nonResourceAttributes")) {
      causes.add(
          Cause.invalid(
              "spec.nonResourceAttributes",
              spec.obj("nonResourceAttributes"),
              "cannot be specified in combination with resourceAttributes"));
    } else if (!spec.has("resourceAttributes") && !spec.has("nonResourceAttributes")) {
      causes.add(
          Cause.invalid(
              RESOURCE,
              Obj.EMPTY,
              "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
    }
  }

  private static Attributes attributes(Obj spec, String user, List<String> groups) {
    if (spec.has("nonResourceAttributes")) {
      Obj path = spec.obj("nonResourceAttributes");
      return new Attributes(
          user,
          groups,
          path.string("verb").toLowerCase(Locale.ROOT),
          new Attributes.Target.Path(path.string("path")));
    }
    Obj wanted = spec.obj("resourceAttributes");
    return new Attributes(
        user,
        groups,
        wanted.string("verb"),
        new GroupResource(wanted.string("group"), wanted.string("resource")),
        wanted.string("subresource"),
        new ObjectKey(wanted.string("namespace"), wanted.string("name")));
  }
}
