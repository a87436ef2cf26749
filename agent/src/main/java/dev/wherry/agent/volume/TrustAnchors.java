package dev.wherry.agent.volume;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Volume.Projection;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The certificates that a projected volume shows of the cluster's trust bundles (Kubernetes:
 * clusterTrustBundle projected volumes). Pure.
 */
final class TrustAnchors {
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----");

  private TrustAnchors() {}

  /**
   * PEM, each certificate once and without what is between them; empty where there may be none.
   *
   * @throws VolumeException in kubelet's words when nothing is there and it is not optional
   */
  static String of(Projection.ClusterTrustBundle wanted, Collection<Obj> bundles)
      throws VolumeException {
    boolean named = !wanted.name().isEmpty();
    List<Obj> found =
        bundles.stream()
            .filter(
                each ->
                    named
                        ? Meta.of(each).name().equals(wanted.name())
                        : each.obj("spec").string("signerName").equals(wanted.signerName())
                            && wanted.selects().test(each))
            .toList();
    if (found.isEmpty() && !wanted.optional()) {
      throw new VolumeException(
          named
              ? "clustertrustbundle.certificates.k8s.io \"" + wanted.name() + "\" not found"
              : "combination of signerName and labelSelector matched zero ClusterTrustBundles");
    }
    Set<String> certificates = new LinkedHashSet<>();
    for (Obj each : found) {
      Matcher blocks = CERTIFICATE.matcher(each.obj("spec").string("trustBundle"));
      while (blocks.find()) {
        certificates.add(blocks.group().replaceAll("\\s*\\n\\s*", "\n") + "\n");
      }
    }
    return String.join("", certificates);
  }
}
