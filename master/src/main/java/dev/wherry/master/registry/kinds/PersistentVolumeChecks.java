package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What persistent volumes must be like, by themselves and within attachments. Pure. */
final class PersistentVolumeChecks {
  private static final String CLASS = "volumeAttributesClassName";
  private static final String RECLAIM = "persistentVolumeReclaimPolicy";
  private static final List<String> POLICIES = List.of("Delete", "Recycle", "Retain");

  /** The root, in any way that a path can say it. */
  private static final Pattern ROOT = Pattern.compile("(/+\\.{0,2})+/*");

  private static final List<String> SECRETS =
      List.of(
          "controllerPublishSecretRef",
          "controllerExpandSecretRef",
          "nodePublishSecretRef",
          "nodeExpandSecretRef");

  /** Members of the spec that are no volume source. */
  private static final Set<String> NOT_A_SOURCE =
      Set.of(
          "accessModes",
          "capacity",
          "claimRef",
          "mountOptions",
          "nodeAffinity",
          RECLAIM,
          "storageClassName",
          CLASS,
          "volumeMode");

  private PersistentVolumeChecks() {}

  /** The members of a spec that are volume sources. */
  static Obj sources(Obj spec) {
    Obj sources = spec;
    for (String key : NOT_A_SOURCE) {
      sources = sources.without(key);
    }
    return sources;
  }

  static void check(Obj spec, String path, Causes causes) {
    VolumeChecks.accessModes(spec, path, "", causes);
    capacity(spec.obj("capacity"), path + ".capacity", causes);
    Checks.oneOf(spec, RECLAIM, path, POLICIES, causes);
    affinity(spec, path + ".nodeAffinity", causes);
    source(spec, path, causes);
    if (isRoot(spec.obj("hostPath")) && spec.string(RECLAIM).equals("Recycle")) {
      causes.forbidden(path + "." + RECLAIM, "may not be 'recycle' for a hostPath mount of '/'");
    }
    if (!spec.string("storageClassName").isEmpty()) {
      Checks.name(
          NameRule.DNS_SUBDOMAIN,
          spec.string("storageClassName"),
          path + ".storageClassName",
          causes);
    }
    Checks.oneOf(spec, "volumeMode", path, VolumeChecks.MODES, causes);
    attributes(spec, path, causes);
  }

  /** A volume that is written into an attachment: a driver's, without what binding is about. */
  static void inline(Obj spec, String path, Causes causes) {
    String context = " in the context of inline volumes";
    for (String key : List.of("claimRef", "capacity", "nodeAffinity", "storageClassName")) {
      if (spec.has(key) && !spec.get(key).orElse("").equals("")) {
        causes.forbidden(path + "." + key, "may not be specified" + context);
      }
    }
    VolumeChecks.accessModes(spec, path, "", causes);
    if (!spec.string(RECLAIM, "Retain").equals("Retain")) {
      causes.forbidden(path + "." + RECLAIM, "may only be Retain" + context);
    }
    if (!spec.string("volumeMode", "Filesystem").equals("Filesystem")) {
      causes.forbidden(
          path + ".volumeMode", "may not specify volumeMode other than Filesystem" + context);
    }
    if (!spec.has("csi")) {
      causes.required(path + ".csi", "has to be specified" + context);
    }
    source(spec, path, causes);
  }

  private static void capacity(Obj capacity, String path, Causes causes) {
    if (capacity.isEmpty()) {
      causes.required(path, "");
    }
    if (!capacity.has("storage") || capacity.size() > 1) {
      causes.notSupported(path, capacity, List.of("storage"));
    }
    for (Obj.Entry entry : capacity) {
      String at = path + "[" + entry.key() + "]";
      VolumeChecks.amount(entry.value(), at, causes);
      VolumeChecks.positive(entry.value(), at, causes);
    }
  }

  private static void affinity(Obj spec, String path, Causes causes) {
    if (!spec.has("nodeAffinity")) {
      return;
    }
    if (spec.obj("nodeAffinity").has("required")) {
      AffinityChecks.nodeSelector(spec.at("nodeAffinity", "required"), path + ".required", causes);
    } else {
      causes.required(path + ".required", "must specify required node constraints");
    }
  }

  private static void source(Obj spec, String path, Causes causes) {
    Obj sources = sources(spec);
    VolumeSourceChecks.check(sources, path, causes);
    if (sources.isEmpty()) {
      return;
    }
    switch (sources.keyAt(0)) {
      case "csi" -> driver(spec.obj("csi"), path + ".csi", causes);
      case "local" -> {
        if (!spec.obj("nodeAffinity").has("required")) {
          causes.required(path + ".nodeAffinity", "Local volume requires node affinity");
        }
      }
      default -> {}
    }
  }

  private static void driver(Obj csi, String path, Causes causes) {
    Checks.required(csi, path, causes, "volumeHandle");
    for (String key : SECRETS) {
      if (csi.has(key)) {
        Obj secret = csi.obj(key);
        String at = path + "." + key;
        Checks.name(NameRule.DNS_SUBDOMAIN, secret.string("name"), at + ".name", causes);
        Checks.name(NameRule.DNS_LABEL, secret.string("namespace"), at + ".namespace", causes);
      }
    }
  }

  private static void attributes(Obj spec, String path, Causes causes) {
    if (!spec.has(CLASS)) {
      return;
    }
    if (spec.string(CLASS).isEmpty()) {
      causes.required(path + "." + CLASS, "an empty string is disallowed");
    } else {
      Checks.name(NameRule.DNS_SUBDOMAIN, spec.string(CLASS), path + "." + CLASS, causes);
    }
    if (!spec.has("csi")) {
      causes.required(path + ".csi", "has to be specified when using " + CLASS);
    }
  }

  private static boolean isRoot(Obj hostPath) {
    return ROOT.matcher(hostPath.string("path")).matches();
  }

  static void checkUpdate(Obj now, Obj before, Causes causes) {
    if (!sources(withLateSecret(now, before)).equals(sources(before))) {
      causes.forbidden(
          "spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
    }
    Checks.immutable(now, before, "volumeMode", "volumeMode", causes);
    if (before.has("nodeAffinity")) {
      Checks.immutable(now, before, "nodeAffinity", "nodeAffinity", causes);
    }
    if (before.has(CLASS) && !now.has(CLASS)) {
      causes.forbidden("spec." + CLASS, "update from non-nil value to nil is forbidden");
    }
  }

  /** The secret for growing a volume may come later, once. */
  private static Obj withLateSecret(Obj now, Obj before) {
    String secret = "controllerExpandSecretRef";
    boolean late = before.has("csi") && !before.obj("csi").has(secret);
    return late ? Defaults.changed(now, "csi", csi -> csi.without(secret)) : now;
  }
}
