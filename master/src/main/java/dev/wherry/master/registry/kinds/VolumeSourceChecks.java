package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.quota.Amounts;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the sources of a pod's volumes and of persistent volumes must be like. Pure. */
final class VolumeSourceChecks {
  private static final List<String> HOST_PATHS =
      List.of(
          "",
          "BlockDevice",
          "CharDevice",
          "Directory",
          "DirectoryOrCreate",
          "File",
          "FileOrCreate",
          "Socket");

  /** What of each source must be said. */
  private static final Map<String, List<String>> REQUIRED =
      Map.ofEntries(
          Map.entry("awsElasticBlockStore", List.of("volumeID")),
          Map.entry("azureDisk", List.of("diskName", "diskURI")),
          Map.entry("azureFile", List.of("secretName", "shareName")),
          Map.entry("cephfs", List.of("monitors")),
          Map.entry("cinder", List.of("volumeID")),
          Map.entry("configMap", List.of("name")),
          Map.entry("csi", List.of("driver")),
          Map.entry("ephemeral", List.of()),
          Map.entry("flexVolume", List.of("driver")),
          Map.entry("gcePersistentDisk", List.of("pdName")),
          Map.entry("gitRepo", List.of("repository")),
          Map.entry("glusterfs", List.of("endpoints", "path")),
          Map.entry("hostPath", List.of("path")),
          Map.entry("image", List.of("reference")),
          Map.entry("iscsi", List.of("targetPortal", "iqn")),
          Map.entry("local", List.of("path")),
          Map.entry("nfs", List.of("server", "path")),
          Map.entry("persistentVolumeClaim", List.of("claimName")),
          Map.entry("photonPersistentDisk", List.of("pdID")),
          Map.entry("portworxVolume", List.of("volumeID")),
          Map.entry("quobyte", List.of("volume")),
          Map.entry("rbd", List.of("monitors", "image")),
          Map.entry("scaleIO", List.of("gateway", "system", "volumeName")),
          Map.entry("secret", List.of("secretName")),
          Map.entry("storageos", List.of("volumeName")),
          Map.entry("vsphereVolume", List.of("volumePath")));

  private VolumeSourceChecks() {}

  /**
   * Checks the one source of a volume.
   *
   * @param sources the object whose members are sources
   */
  static void check(Obj sources, String path, Causes causes) {
    String first = "";
    for (Obj.Entry source : sources) {
      if (!first.isEmpty()) {
        causes.forbidden(path + "." + source.key(), "may not specify more than 1 volume type");
        continue;
      }
      first = source.key();
      Obj of = sources.obj(first);
      String at = path + "." + first;
      Checks.required(
          of, at, causes, REQUIRED.getOrDefault(first, List.of()).toArray(new String[0]));
      source(first, of, at, causes);
    }
    if (first.isEmpty()) {
      causes.required(path, "must specify a volume type");
    }
  }

  private static void source(String kind, Obj of, String path, Causes causes) {
    switch (kind) {
      case "configMap", "secret" -> {
        Checks.mode(of, "defaultMode", path, causes);
        keys(of, path, causes);
      }
      case "downwardAPI" -> {
        Checks.mode(of, "defaultMode", path, causes);
        of.objs("items").forEach(item -> downward(item, path, causes));
      }
      case "projected" -> ProjectionChecks.check(of, path, causes);
      case "hostPath" -> {
        Checks.noBacksteps(of.string("path"), path + ".path", causes);
        if (!HOST_PATHS.contains(of.string("type"))) {
          causes.notSupported(path + ".type", of.string("type"), HOST_PATHS);
        }
      }
      case "emptyDir" -> sizeLimit(of, path, causes);
      case "local" -> Checks.noBacksteps(of.string("path"), path + ".path", causes);
      case "nfs" -> {
        if (!of.string("path").startsWith("/")) {
          causes.invalid(path + ".path", of.string("path"), "must be an absolute path");
        }
      }
      case "gitRepo" -> Checks.relative(of.string("directory"), path + ".directory", causes);
      case "fc" -> fibre(of, path, causes);
      case "csi" -> csi(of, path, causes);
      case "ephemeral" -> ephemeral(of, path, causes);
      case "image" ->
          Checks.oneOfIfAny(
              of, "pullPolicy", path, List.of("Always", "IfNotPresent", "Never"), causes);
      case "flexVolume" -> flex(of, path, causes);
      default -> PluginVolumeChecks.check(kind, of, path, causes);
    }
  }

  private static void sizeLimit(Obj of, String path, Causes causes) {
    Optional<Object> limit = of.get("sizeLimit");
    if (limit.isEmpty()) {
      return;
    }
    if (Amounts.quantity(limit.get()).isNegative()) {
      causes.forbidden(path + ".sizeLimit", "SizeLimit field must be a valid resource quantity");
    } else {
      Optional<Quantity> _ = Checks.quantity(limit.get(), path + ".sizeLimit", causes);
    }
  }

  static void keys(Obj of, String path, Causes causes) {
    List<Obj> items = of.objs("items");
    for (int i = 0; i < items.size(); i++) {
      String at = path + ".items[" + i + "]";
      Checks.required(items.get(i), at, causes, "key", "path");
      Checks.inVolume(items.get(i).string("path"), at + ".path", causes);
      Checks.mode(items.get(i), "mode", at, causes);
    }
  }

  static void downward(Obj item, String path, Causes causes) {
    Checks.required(item, path, causes, "path");
    Checks.inVolume(item.string("path"), path + ".path", causes);
    if (item.has("fieldRef")) {
      EnvironmentChecks.fieldOfFile(item.obj("fieldRef"), path + ".fieldRef", causes);
      if (item.has("resourceFieldRef")) {
        causes.invalid(
            path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
      }
    } else if (item.has("resourceFieldRef")) {
      String at = path + ".resourceFieldRef";
      Obj reference = item.obj("resourceFieldRef");
      if (reference.string("containerName").isEmpty()) {
        causes.required(at + ".containerName", "");
      } else {
        EnvironmentChecks.resourceField(reference, at, causes);
      }
    } else {
      causes.required(path, "one of fieldRef and resourceFieldRef is required");
    }
    Checks.mode(item, "mode", path, causes);
  }

  private static void fibre(Obj of, String path, Causes causes) {
    boolean names = !of.list("targetWWNs").isEmpty();
    boolean ids = !of.list("wwids").isEmpty();
    if (!names && !ids) {
      causes.required(
          path + ".targetWWNs", "must specify either targetWWNs or wwids, but not both");
    } else if (names && ids) {
      causes.invalid(
          path + ".targetWWNs",
          of.list("targetWWNs"),
          "targetWWNs and wwids can not be specified simultaneously");
    }
    if (names && !of.has("lun")) {
      causes.required(path + ".lun", "lun is required if targetWWNs is specified");
    }
    Checks.withinRange(of, "lun", path, 0, 255, causes);
  }

  private static void csi(Obj of, String path, Causes causes) {
    if (of.has("nodePublishSecretRef")) {
      String secret = of.obj("nodePublishSecretRef").string("name");
      if (secret.isEmpty()) {
        causes.required(path + ".nodePublishSecretRef.name", "");
      } else {
        Checks.name(NameRule.DNS_SUBDOMAIN, secret, path + ".name", causes);
      }
    }
    String driver = of.string("driver");
    if (!driver.isEmpty()) {
      driverName(driver, path + ".driver", causes);
    }
  }

  /** The name of a CSI driver: a DNS name of at the most 63 characters. */
  static void driverName(String driver, String path, Causes causes) {
    if (driver.length() > 63) {
      causes.add(new Cause("FieldValueTooLong", path, "Too long: may not be more than 63 bytes"));
    }
    NameRule.DNS_SUBDOMAIN
        .complaint(driver.toLowerCase(Locale.ROOT))
        .ifPresent(complaint -> causes.invalid(path, driver, complaint));
  }

  private static void ephemeral(Obj of, String path, Causes causes) {
    Obj template = of.obj("volumeClaimTemplate");
    if (template.isEmpty()) {
      causes.required(path + ".volumeClaimTemplate", "");
    } else {
      claimMetadata(template.obj("metadata"), path + ".volumeClaimTemplate.metadata", causes);
      VolumeClaimChecks.spec(template.obj("spec"), path + ".volumeClaimTemplate.spec", causes);
    }
  }

  /** The claim gets its other metadata from its pod. */
  private static void claimMetadata(Obj metadata, String path, Causes causes) {
    Labels.check(metadata, path + ".labels", causes);
    for (Obj.Entry member : metadata) {
      if (!member.key().equals("labels") && !member.key().equals("annotations")) {
        causes.forbidden(path + "." + member.key(), "cannot be set");
      }
    }
  }

  private static void flex(Obj of, String path, Causes causes) {
    for (Obj.Entry option : of.obj("options")) {
      String space = "." + option.key().replaceFirst("/.*", "").toLowerCase(Locale.ROOT);
      if (space.endsWith(".kubernetes.io") || space.endsWith(".k8s.io")) {
        causes.invalid(
            path + ".options[" + option.key() + "]",
            option.key(),
            "kubernetes.io and k8s.io namespaces are reserved");
      }
    }
  }
}
