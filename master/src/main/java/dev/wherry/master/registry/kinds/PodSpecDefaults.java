package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.changed;
import static dev.wherry.master.registry.kinds.Defaults.changedItems;
import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putNumber;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import java.util.List;

/**
 * What Kubernetes fills into a pod's spec and a pod template's (its pkg/apis/core/v1 defaults).
 * Pure.
 */
final class PodSpecDefaults {
  private static final long READ_MODE = 0644;
  private static final List<String> CONTAINER_LISTS =
      List.of("containers", "initContainers", "ephemeralContainers");

  private PodSpecDefaults() {}

  /** The spec of a pod, which gets a little more than that of a template. */
  static Obj ofPod(Obj given) {
    Obj spec = ofTemplate(given);
    spec = put(spec, "enableServiceLinks", true);
    boolean hostNetwork = spec.flag("hostNetwork");
    for (String list : List.of("containers", "initContainers")) {
      spec =
          changedItems(
              spec,
              list,
              container -> requestsFromLimits(hostNetwork ? hostPorts(container) : container));
    }
    return PodResourceDefaults.filled(spec);
  }

  /** The template of a workload: its pods' metadata is left alone. */
  static Obj template(Obj template) {
    return changed(template, "spec", PodSpecDefaults::ofTemplate);
  }

  private static Obj ofTemplate(Obj given) {
    Obj spec = given;
    for (String list : CONTAINER_LISTS) {
      spec = changedItems(spec, list, PodSpecDefaults::container);
    }
    spec = changedItems(spec, "volumes", PodSpecDefaults::volume);
    spec = putText(spec, "restartPolicy", "Always");
    spec = put(spec, "terminationGracePeriodSeconds", 30L);
    spec = putText(spec, "dnsPolicy", "ClusterFirst");
    spec = put(spec, "securityContext", Obj.EMPTY);
    spec = putText(spec, "schedulerName", "default-scheduler");
    String account = spec.string("serviceAccountName", spec.string("serviceAccount"));
    if (!account.isEmpty()) {
      spec = spec.with("serviceAccountName", account).with("serviceAccount", account);
    }
    return spec;
  }

  private static Obj container(Obj given) {
    Obj container = changedItems(given, "ports", port -> putText(port, "protocol", "TCP"));
    container = changedItems(container, "env", PodSpecDefaults::variable);
    for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
      container = changed(container, probe, PodSpecDefaults::probe);
    }
    container =
        changed(
            container,
            "lifecycle",
            lifecycle ->
                changed(
                    changed(lifecycle, "postStart", PodSpecDefaults::handler),
                    "preStop",
                    PodSpecDefaults::handler));
    container = put(container, "resources", Obj.EMPTY);
    container = putText(container, "terminationMessagePath", "/dev/termination-log");
    container = putText(container, "terminationMessagePolicy", "File");
    return putText(container, "imagePullPolicy", pullPolicy(container.string("image")));
  }

  /** Always for the tag latest and for none, IfNotPresent for others and for digests. */
  static String pullPolicy(String image) {
    if (image.contains("@")) {
      return "IfNotPresent";
    }
    int colon = image.lastIndexOf(':');
    boolean tagged = colon > image.lastIndexOf('/');
    return tagged && !image.substring(colon + 1).equals("latest") ? "IfNotPresent" : "Always";
  }

  private static Obj variable(Obj variable) {
    return changed(
        variable,
        "valueFrom",
        source -> changed(source, "fieldRef", reference -> putText(reference, "apiVersion", "v1")));
  }

  private static Obj probe(Obj given) {
    Obj probe = handler(given);
    probe = putNumber(probe, "timeoutSeconds", 1);
    probe = putNumber(probe, "periodSeconds", 10);
    probe = putNumber(probe, "successThreshold", 1);
    return putNumber(probe, "failureThreshold", 3);
  }

  private static Obj handler(Obj given) {
    Obj handler =
        changed(given, "httpGet", get -> putText(putText(get, "path", "/"), "scheme", "HTTP"));
    return changed(handler, "grpc", grpc -> put(grpc, "service", ""));
  }

  private static Obj volume(Obj given) {
    Obj volume = given.size() == 1 && given.has("name") ? given.with("emptyDir", Obj.EMPTY) : given;
    volume = changed(volume, "secret", secret -> put(secret, "defaultMode", READ_MODE));
    volume = changed(volume, "configMap", map -> put(map, "defaultMode", READ_MODE));
    volume = changed(volume, "downwardAPI", api -> put(downward(api), "defaultMode", READ_MODE));
    volume = changed(volume, "projected", PodSpecDefaults::projected);
    volume =
        changed(
            volume,
            "image",
            image -> putText(image, "pullPolicy", pullPolicy(image.string("reference"))));
    volume =
        changed(
            volume,
            "ephemeral",
            ephemeral ->
                changed(
                    ephemeral,
                    "volumeClaimTemplate",
                    template ->
                        template.change(
                            "spec", spec -> putText(spec, "volumeMode", "Filesystem"))));
    return source(volume);
  }

  /** A volume's source, of pods and of persistent volumes. */
  static Obj source(Obj given) {
    Obj volume = changed(given, "hostPath", path -> put(path, "type", ""));
    volume = changed(volume, "iscsi", iscsi -> putText(iscsi, "iscsiInterface", "default"));
    volume =
        changed(
            volume,
            "rbd",
            rbd ->
                putText(
                    putText(putText(rbd, "pool", "rbd"), "user", "admin"),
                    "keyring",
                    "/etc/ceph/keyring"));
    volume =
        changed(
            volume,
            "azureDisk",
            disk ->
                put(
                    put(
                        put(put(disk, "cachingMode", "ReadWrite"), "fsType", "ext4"),
                        "readOnly",
                        false),
                    "kind",
                    "Shared"));
    return changed(
        volume,
        "scaleIO",
        disk -> putText(putText(disk, "storageMode", "ThinProvisioned"), "fsType", "xfs"));
  }

  private static Obj downward(Obj source) {
    return changedItems(
        source,
        "items",
        item -> changed(item, "fieldRef", reference -> putText(reference, "apiVersion", "v1")));
  }

  private static Obj projected(Obj given) {
    Obj projected =
        changedItems(
            given,
            "sources",
            source ->
                changed(
                    changed(source, "downwardAPI", PodSpecDefaults::downward),
                    "serviceAccountToken",
                    token -> putNumber(token, "expirationSeconds", 3600)));
    return put(projected, "defaultMode", READ_MODE);
  }

  /** What a container may use at the most it also asks for, where it does not say less. */
  private static Obj requestsFromLimits(Obj container) {
    Obj resources = container.obj("resources");
    Obj limits = resources.obj("limits");
    Obj requests = resources.obj("requests");
    for (Obj.Entry limit : limits) {
      requests = put(requests, limit.key(), limit.value());
    }
    return limits.isEmpty() ? container : container.withAt(requests, "resources", "requests");
  }

  private static Obj hostPorts(Obj container) {
    return changedItems(
        container, "ports", port -> putNumber(port, "hostPort", port.number("containerPort", 0)));
  }
}
