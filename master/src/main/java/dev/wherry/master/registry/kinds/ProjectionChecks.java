package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a volume of several sources must be like: secrets, maps, the pod's own fields, tokens, trust
 * bundles and certificates, each in files of its own. Pure.
 */
final class ProjectionChecks {
  private static final long MIN_CERTIFICATE_SECONDS = 3600;
  private static final long MAX_CERTIFICATE_SECONDS = 91L * 24 * 3600;
  private static final long MAX_OWN_CERTIFICATE_SECONDS = 24L * 3600;
  private static final long MIN_TOKEN_SECONDS = 600;
  private static final long MAX_TOKEN_SECONDS = 1L << 32;
  private static final List<String> KEY_TYPES =
      List.of("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519");
  private static final List<String> CERTIFICATE_PATHS =
      List.of("credentialBundlePath", "keyPath", "certificateChainPath");

  private ProjectionChecks() {}

  static void check(Obj projected, String path, Causes causes) {
    Checks.mode(projected, "defaultMode", path, causes);
    Set<String> files = new HashSet<>();
    Checks.each(
        projected.objs("sources"),
        path + ".sources",
        (source, at) -> {
          if (source.size() > 1) {
            causes.forbidden(at, "may not specify more than 1 volume type per source");
          }
          for (Obj.Entry kind : source) {
            source(kind.key(), source.obj(kind.key()), path, at + "." + kind.key(), causes);
          }
          files(source).forEach(file -> file.claim(files, path, causes));
        });
  }

  private static void source(String kind, Obj of, String path, String at, Causes causes) {
    switch (kind) {
      case "secret", "configMap" -> {
        Checks.required(of, at, causes, "name");
        VolumeSourceChecks.keys(of, at, causes);
      }
      case "downwardAPI" ->
          of.objs("items").forEach(item -> VolumeSourceChecks.downward(item, at, causes));
      case "serviceAccountToken" -> token(of, path, at, causes);
      case "clusterTrustBundle" -> trustBundle(of, at, causes);
      case "podCertificate" -> certificate(of, at, causes);
      default -> {}
    }
  }

  /**
   * A file that a source makes.
   *
   * @param shown what a complaint names: the object that it comes from, where there is one
   */
  private record File(String path, String shown) {
    void claim(Set<String> taken, String path, Causes causes) {
      if (!this.path.isEmpty() && !taken.add(this.path)) {
        causes.invalid(path, shown, "conflicting duplicate paths");
      }
    }
  }

  /** The files that no other source may make; a token's may hide another one. */
  private static List<File> files(Obj source) {
    List<File> files = new ArrayList<>();
    for (String kind : List.of("secret", "configMap")) {
      Obj of = source.obj(kind);
      of.objs("items").forEach(item -> files.add(new File(item.string("path"), of.string("name"))));
    }
    List<String> paths = new ArrayList<>();
    source.obj("downwardAPI").objs("items").forEach(item -> paths.add(item.string("path")));
    paths.add(source.obj("clusterTrustBundle").string("path"));
    CERTIFICATE_PATHS.forEach(key -> paths.add(source.obj("podCertificate").string(key)));
    paths.forEach(path -> files.add(new File(path, path)));
    return files;
  }

  private static void token(Obj token, String path, String at, Causes causes) {
    long seconds = token.number("expirationSeconds", MIN_TOKEN_SECONDS);
    if (seconds < MIN_TOKEN_SECONDS) {
      causes.invalid(
          at + ".expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
    } else if (seconds > MAX_TOKEN_SECONDS) {
      causes.invalid(
          at + ".expirationSeconds",
          seconds,
          "may not specify a duration larger than 2^32 seconds");
    }
    Checks.required(token, path, causes, "path");
    Checks.inVolume(token.string("path"), path + ".path", causes);
  }

  private static void trustBundle(Obj bundle, String path, Causes causes) {
    boolean named = bundle.has("name");
    boolean signed = bundle.has("signerName");
    if (named && signed) {
      causes.invalid(path, bundle, "only one of name and signerName may be used");
    } else if (named) {
      bundleName(bundle.string("name"), path + ".name", causes);
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

  private static void bundleName(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "must be a valid object name");
    }
    // The part before the colons is the signer's (Kubernetes API, ClusterTrustBundle).
    NameRule.DNS_SUBDOMAIN
        .complaint(name.replaceFirst(".*:", ""))
        .ifPresent(
            complaint ->
                causes.invalid(path, name, "not a valid clustertrustbundlename: " + complaint));
  }

  private static void certificate(Obj certificate, String path, Causes causes) {
    signer(certificate, path, causes);
    Checks.oneOf(certificate, "keyType", path, KEY_TYPES, causes);
    expiration(certificate, path + ".maxExpirationSeconds", causes);
    if (CERTIFICATE_PATHS.stream().noneMatch(certificate::has)) {
      causes.required(
          path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
    }
    for (String key : CERTIFICATE_PATHS) {
      Checks.inVolume(certificate.string(key), path + "." + key, causes);
    }
  }

  private static void expiration(Obj certificate, String path, Causes causes) {
    if (!certificate.has("maxExpirationSeconds")) {
      return;
    }
    long seconds = certificate.number("maxExpirationSeconds", 0);
    boolean ownSigner = certificate.string("signerName").startsWith("kubernetes.io/");
    long most = ownSigner ? MAX_OWN_CERTIFICATE_SECONDS : MAX_CERTIFICATE_SECONDS;
    if (seconds < MIN_CERTIFICATE_SECONDS) {
      causes.invalid(
          path, seconds, "if provided, maxExpirationSeconds must be >= " + MIN_CERTIFICATE_SECONDS);
    } else if (seconds > most) {
      causes.invalid(path, seconds, "if provided, maxExpirationSeconds must be <= " + most);
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
