package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.List;

/** Checks of projected trust bundles and certificates, in Kubernetes' words. Pure. */
final class ProjectionChecks {
  private static final long MIN_CERTIFICATE_SECONDS = 3600;
  private static final long MAX_CERTIFICATE_SECONDS = 91L * 24 * 3600;
  private static final List<String> KEY_TYPES =
      List.of("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519");
  private static final List<String> CERTIFICATE_PATHS =
      List.of("credentialBundlePath", "keyPath", "certificateChainPath");

  private ProjectionChecks() {}

  static void trustBundle(Obj bundle, String path, Causes causes) {
    boolean named = bundle.has("name");
    boolean signed = bundle.has("signerName");
    if (named && signed) {
      causes.invalid(path, bundle, "only one of name and signerName may be used");
    } else if (named) {
      Checks.name(
          NameRule.DNS_SUBDOMAIN,
          // The part before the colons is the signer's (Kubernetes API, ClusterTrustBundle).
          bundle.string("name").replaceFirst(".*:", ""),
          path + ".name",
          causes);
      if (bundle.has("labelSelector")) {
        causes.invalid(
            path + ".labelSelector",
            bundle.obj("labelSelector"),
            "labelSelector must be unset if name is specified");
      }
    } else if (signed) {
      signer(bundle, path, causes);
      Labels.checkSelector(bundle.obj("labelSelector"), path + ".labelSelector", causes);
    } else {
      causes.required(path, "either name or signerName must be specified");
    }
    Checks.required(bundle, path, causes, "path");
    Checks.inVolume(bundle.string("path"), path + ".path", causes);
  }

  static void certificate(Obj certificate, String path, Causes causes) {
    signer(certificate, path, causes);
    Checks.oneOf(certificate, "keyType", path, KEY_TYPES, causes);
    if (certificate.has("maxExpirationSeconds")) {
      Checks.withinRange(
          certificate,
          "maxExpirationSeconds",
          path,
          MIN_CERTIFICATE_SECONDS,
          MAX_CERTIFICATE_SECONDS,
          causes);
    }
    if (CERTIFICATE_PATHS.stream().noneMatch(certificate::has)) {
      causes.required(
          path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
    }
    for (String key : CERTIFICATE_PATHS) {
      Checks.inVolume(certificate.string(key), path + "." + key, causes);
    }
  }

  private static void signer(Obj of, String path, Causes causes) {
    String name = of.string("signerName");
    if (name.isEmpty()) {
      causes.required(path + ".signerName", "");
    } else if (!name.matches("[^/]+\\.[^/]+/[^/]+(/[^/]+)*")) {
      causes.invalid(
          path + ".signerName",
          name,
          "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    }
  }
}
