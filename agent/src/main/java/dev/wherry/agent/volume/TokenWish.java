package dev.wherry.agent.volume;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume.Projection;

/**
 * A token that a pod's projected volume wants: for the pod's own account and bound to the pod.
 *
 * @param audience empty: the API server's
 */
public record TokenWish(
    ObjectKey pod, PodUid uid, String account, String audience, long expirationSeconds) {

  static TokenWish of(PodView pod, Projection.ServiceAccountToken token) {
    return new TokenWish(
        pod.key(),
        pod.uid(),
        pod.serviceAccountName(),
        token.audience(),
        token.expirationSeconds());
  }
}
