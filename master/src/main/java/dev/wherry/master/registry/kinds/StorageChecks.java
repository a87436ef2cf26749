package dev.wherry.master.registry.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What drivers of storage say of themselves, of nodes and of volumes must be like. Pure. */
final class StorageChecks {
  private static final long MIN_TOKEN_SECONDS = 600;
  private static final long MAX_TOKEN_SECONDS = 1L << 32;
  private static final long MIN_UPDATE_SECONDS = 10;
  private static final int MAX_NODE_ID = 192;
  private static final int MAX_METADATA_BYTES = 256 * 1024;
  private static final int MAX_FAILURE_BYTES = 1024;
  private static final List<String> OWNERSHIP = List.of("File", "None", "ReadWriteOnceWithFSType");
  private static final List<String> LIFECYCLES = List.of("Persistent", "Ephemeral");
  private static final String ONE_SOURCE =
      "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

  private StorageChecks() {}

  static void driver(Obj spec, Causes causes) {
    Checks.oneOf(spec, "fsGroupPolicy", "spec", OWNERSHIP, causes);
    tokens(spec.objs("tokenRequests"), causes);
    for (String mode : spec.strings("volumeLifecycleModes")) {
      if (!LIFECYCLES.contains(mode)) {
        causes.notSupported("spec.volumeLifecycleModes", mode, LIFECYCLES);
      }
    }
    String period = "nodeAllocatableUpdatePeriodSeconds";
    long seconds = spec.number(period, MIN_UPDATE_SECONDS);
    if (seconds < MIN_UPDATE_SECONDS) {
      causes.invalid("spec." + period, seconds, "must be greater than or equal to 10 seconds");
    }
  }

  private static void tokens(List<Obj> requests, Causes causes) {
    Set<String> audiences = new HashSet<>();
    for (int i = 0; i < requests.size(); i++) {
      String path = "spec.tokenRequests[" + i + "]";
      String audience = requests.get(i).string("audience");
      if (!audiences.add(audience)) {
        causes.duplicate(path + ".audience", audience);
        continue;
      }
      long seconds = requests.get(i).number("expirationSeconds", MIN_TOKEN_SECONDS);
      if (seconds < MIN_TOKEN_SECONDS) {
        causes.invalid(
            path + ".expirationSeconds",
            seconds,
            "may not specify a duration less than 10 minutes");
      } else if (seconds > MAX_TOKEN_SECONDS) {
        causes.invalid(
            path + ".expirationSeconds",
            seconds,
            "may not specify a duration larger than 2^32 seconds");
      }
    }
  }

  /** How volumes are attached, and whose they are, stays; the path is Kubernetes'. */
  static void changedDriver(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.obj("spec");
    Obj before = existing.obj("spec");
    Checks.immutable(now, before, "attachRequired", "spec.attachedRequired", causes);
    Checks.immutable(now, before, "volumeLifecycleModes", "spec.volumeLifecycleModes", causes);
  }

  static void node(Obj node, Causes causes) {
    Set<String> names = new HashSet<>();
    List<Obj> drivers = node.obj("spec").objs("drivers");
    for (int i = 0; i < drivers.size(); i++) {
      Obj driver = drivers.get(i);
      String path = "spec.drivers[" + i + "]";
      DeviceNames.driver(driver.string("name"), path + ".name", causes);
      nodeId(driver.string("nodeID"), path + ".nodeID", causes);
      Checks.notNegative(driver.obj("allocatable"), "count", path + ".allocatable", causes);
      if (!names.add(driver.string("name"))) {
        causes.duplicate(path + ".name", driver.string("name"));
      }
      Set<String> keys = new HashSet<>();
      for (String key : driver.strings("topologyKeys")) {
        if (!keys.add(key)) {
          causes.duplicate(path, key);
        }
        Labels.checkQualifiedName(key, path, causes);
      }
    }
  }

  private static void nodeId(String id, String path, Causes causes) {
    if (id.isEmpty()) {
      causes.required(path, "");
    } else if (id.getBytes(UTF_8).length > MAX_NODE_ID) {
      causes.invalid(path, id, "must be " + MAX_NODE_ID + " characters or less");
    }
  }

  /** Of a driver that stays, how many volumes fit may change alone. */
  static void changedNode(Obj updated, Obj existing, Causes causes) {
    for (Obj before : existing.obj("spec").objs("drivers")) {
      for (Obj now : updated.obj("spec").objs("drivers")) {
        boolean same = now.string("name").equals(before.string("name"));
        if (same && !now.without("allocatable").equals(before.without("allocatable"))) {
          causes.invalid("spec.drivers", now.without("allocatable"), Checks.IMMUTABLE);
        }
      }
    }
  }

  static void capacity(Obj capacity, Causes causes) {
    Labels.checkSelector(capacity.obj("nodeTopology"), "nodeTopology", causes);
    String type = capacity.string("storageClassName");
    NameRule.DNS_SUBDOMAIN
        .complaint(type)
        .ifPresent(complaint -> causes.invalid("storageClassName", type, complaint));
    for (String key : List.of("capacity", "maximumVolumeSize")) {
      if (capacity.has(key)) {
        Optional<Quantity> _ = Checks.quantity(capacity.get(key).orElse(""), key, causes);
      }
    }
  }

  static void attachment(Obj attachment, Causes causes) {
    Obj spec = attachment.obj("spec");
    DeviceNames.driver(spec.string("attacher"), "spec.attacher", causes);
    source(spec.obj("source"), "spec.source", causes);
    String node = spec.string("nodeName");
    NameRule.DNS_SUBDOMAIN
        .complaint(node)
        .ifPresent(complaint -> causes.invalid("spec.nodeName", node, complaint));
    attached(attachment.obj("status"), causes);
  }

  private static void source(Obj source, String path, Causes causes) {
    boolean named = source.has("persistentVolumeName");
    boolean inline = source.has("inlineVolumeSpec");
    String name = source.string("persistentVolumeName");
    if (named && inline) {
      causes.forbidden(path, ONE_SOURCE);
    } else if (inline) {
      PersistentVolumeChecks.inline(
          source.obj("inlineVolumeSpec"), path + ".inlineVolumeSpec", causes);
    } else if (!named) {
      causes.required(path, ONE_SOURCE);
    } else if (name.isEmpty()) {
      causes.required(
          path + ".persistentVolumeName", "must specify non empty persistentVolumeName");
    } else {
      Checks.name(NameRule.DNS_SUBDOMAIN, name, path + ".persistentVolumeName", causes);
    }
  }

  static void attached(Obj status, Causes causes) {
    long bytes = 0;
    for (Obj.Entry each : status.obj("attachmentMetadata")) {
      bytes += each.key().getBytes(UTF_8).length;
      bytes += String.valueOf(each.value()).getBytes(UTF_8).length;
    }
    if (bytes > MAX_METADATA_BYTES) {
      causes.add(Cause.tooLong("status.attachmentMetadata", MAX_METADATA_BYTES));
    }
    for (String failure : List.of("attachError", "detachError")) {
      Obj error = status.obj(failure);
      String path = "status." + failure;
      causes.ifTooLong(path + ".message", error.string("message"), MAX_FAILURE_BYTES);
      Checks.withinRange(error, "errorCode", path, 0, Integer.MAX_VALUE, causes);
    }
  }
}
