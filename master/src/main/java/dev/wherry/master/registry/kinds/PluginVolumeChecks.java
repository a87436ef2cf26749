package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What volumes of particular storage systems must be like, in Kubernetes' words: they can be
 * written down here, though no node mounts them. Pure.
 */
final class PluginVolumeChecks {
  private static final long MAX_NUMBER = 255;
  private static final int MAX_TENANT = 64;
  private static final String HOST_AND_PORT =
      "must be a host:port pair or multiple pairs separated by commas";
  private static final List<String> CACHING = List.of("None", "ReadOnly", "ReadWrite");
  private static final List<String> DISKS = List.of("Dedicated", "Managed", "Shared");
  private static final String MANAGED_DISK =
      "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
  private static final String BLOB =
      "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
  private static final Pattern INITIATOR =
      Pattern.compile(
          ".*iqn\\.\\d{4}-\\d{2}\\.[a-zA-Z0-9.-]+:[^,;*&$|\\s]+"
              + "|eui.[a-zA-Z0-9]{16}"
              + "|naa.[a-zA-Z0-9]{32}");

  private PluginVolumeChecks() {}

  static void check(String kind, Obj of, String path, Causes causes) {
    switch (kind) {
      case "awsElasticBlockStore", "gcePersistentDisk" -> partition(of, path, causes);
      case "azureDisk" -> azureDisk(of, path, causes);
      case "cinder" -> secret(of, path, causes);
      case "flocker" -> flocker(of, path, causes);
      case "iscsi" -> iscsi(of, path, causes);
      case "quobyte" -> quobyte(of, path, causes);
      case "storageos" -> storageOs(of, path, causes);
      default -> {}
    }
  }

  private static void partition(Obj of, String path, Causes causes) {
    long partition = of.number("partition", 0);
    if (partition < 0 || partition > MAX_NUMBER) {
      causes.invalid(
          path + ".partition", partition, "must be between 1 and " + MAX_NUMBER + ", inclusive");
    }
  }

  private static void azureDisk(Obj of, String path, Causes causes) {
    Checks.oneOfIfAny(of, "cachingMode", path, CACHING, causes);
    Checks.oneOfIfAny(of, "kind", path, DISKS, causes);
    String place = of.string("diskURI");
    boolean managed = of.string("kind").equals("Managed");
    if (of.has("kind") && !place.startsWith(managed ? "/subscriptions/" : "https://")) {
      causes.notSupported(path + ".diskURI", place, List.of(managed ? MANAGED_DISK : BLOB));
    }
  }

  private static void secret(Obj of, String path, Causes causes) {
    if (of.has("secretRef")) {
      Checks.required(of.obj("secretRef"), path + ".secretRef", causes, "name");
    }
  }

  private static void flocker(Obj of, String path, Causes causes) {
    String name = of.string("datasetName");
    boolean identified = !of.string("datasetUUID").isEmpty();
    if (name.isEmpty() && !identified) {
      causes.required(path, "one of datasetName and datasetUUID is required");
    } else if (!name.isEmpty() && identified) {
      causes.invalid(
          path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
    }
    if (name.contains("/")) {
      causes.invalid(path + ".datasetName", name, "must not contain '/'");
    }
  }

  private static void iscsi(Obj of, String path, Causes causes) {
    initiator(of.string("iqn"), path + ".iqn", causes);
    initiator(of.string("initiatorName"), path + ".initiatorname", causes);
    Checks.withinRange(of, "lun", path, 0, MAX_NUMBER, causes);
    boolean chap = of.flag("chapAuthDiscovery") || of.flag("chapAuthSession");
    if (chap && !of.has("secretRef")) {
      causes.required(path + ".secretRef", "");
    }
  }

  private static void initiator(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      return;
    }
    if (!name.matches("(iqn|eui|naa).*")) {
      causes.invalid(path, name, "must be valid format starting with iqn, eui, or naa");
    } else if (!INITIATOR.matcher(name).matches()) {
      causes.invalid(path, name, "must be valid format");
    }
  }

  private static void quobyte(Obj of, String path, Causes causes) {
    String registry = of.string("registry");
    if (registry.isEmpty()) {
      causes.required(path + ".registry", HOST_AND_PORT);
      return;
    }
    if (of.string("tenant").length() > MAX_TENANT) {
      causes.required(
          path + ".tenant",
          "must be a UUID and may not exceed a length of " + MAX_TENANT + " characters");
      return;
    }
    for (String pair : registry.split(",", -1)) {
      if (!pair.matches("(\\[.*]|[^:\\[\\]]*):[^:]*")) {
        causes.invalid(path + ".registry", registry, HOST_AND_PORT);
      }
    }
  }

  private static void storageOs(Obj of, String path, Causes causes) {
    for (String key : List.of("volumeName", "volumeNamespace")) {
      if (!of.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_LABEL, of.string(key), path + "." + key, causes);
      }
    }
    secret(of, path, causes);
  }
}
