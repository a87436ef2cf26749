package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.VirtualResource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Questions that are answered and not stored: who somebody is, and what they may do. Who stands
 * before the registry answers them.
 */
final class ReviewKinds {
  private static final String AUTHENTICATION = "authentication.k8s.io";
  private static final String AUTHORIZATION = "authorization.k8s.io";

  /** All of them. */
  static final List<VirtualResource> ALL =
      List.of(
          review(AUTHENTICATION, "TokenReview"),
          review(AUTHENTICATION, "SelfSubjectReview"),
          review(AUTHORIZATION, "SubjectAccessReview"),
          review(AUTHORIZATION, "SelfSubjectAccessReview"),
          review(AUTHORIZATION, "SelfSubjectRulesReview"),
          new Review(
              ResourceDefinition.of(
                      AUTHORIZATION, "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews")
                  .verbs("create")
                  .build()));

  private ReviewKinds() {}

  private static VirtualResource review(String group, String kind) {
    String plural = kind.toLowerCase(Locale.ROOT) + "s";
    return new Review(
        ResourceDefinition.of(group, "v1", kind, plural).clusterScoped().verbs("create").build());
  }

  /** Nothing is kept of it. */
  private record Review(ResourceDefinition definition) implements VirtualResource {
    @Override
    public Optional<Obj> find(ObjectKey key, Finder stored) {
      return Optional.empty();
    }

    @Override
    public List<Obj> list(String namespace, Finder stored) {
      return List.of();
    }
  }
}
