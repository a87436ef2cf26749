package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A container's {@code securityContext}, or a pod's; what only the other has reads as absent. A
 * container's member goes before the pod's.
 */
public record SecurityContext(Obj tree) {

  /** A kernel parameter. */
  public record Sysctl(String name, String value) {}

  public OptionalLong runAsUser() {
    return Fields.number(tree, "runAsUser");
  }

  public OptionalLong runAsGroup() {
    return Fields.number(tree, "runAsGroup");
  }

  public Optional<Boolean> runAsNonRoot() {
    return Fields.flag(tree, "runAsNonRoot");
  }

  public boolean privileged() {
    return tree.flag("privileged");
  }

  public boolean readOnlyRootFilesystem() {
    return tree.flag("readOnlyRootFilesystem");
  }

  public Optional<Boolean> allowPrivilegeEscalation() {
    return Fields.flag(tree, "allowPrivilegeEscalation");
  }

  public List<String> addedCapabilities() {
    return tree.obj("capabilities").strings("add");
  }

  public List<String> droppedCapabilities() {
    return tree.obj("capabilities").strings("drop");
  }

  /** {@code Unconfined}, {@code RuntimeDefault} or {@code Localhost}; empty: unset. */
  public String seccompProfileType() {
    return tree.obj("seccompProfile").string("type");
  }

  public String seccompLocalhostProfile() {
    return tree.obj("seccompProfile").string("localhostProfile");
  }

  /** {@code Unconfined}, {@code RuntimeDefault} or {@code Localhost}; empty: unset. */
  public String appArmorProfileType() {
    return tree.obj("appArmorProfile").string("type");
  }

  public String appArmorLocalhostProfile() {
    return tree.obj("appArmorProfile").string("localhostProfile");
  }

  /** {@code Default} or {@code Unmasked}; empty: unset. */
  public String procMount() {
    return tree.string("procMount");
  }

  public Obj seLinuxOptions() {
    return tree.obj("seLinuxOptions");
  }

  /** Pod only. */
  public OptionalLong fsGroup() {
    return Fields.number(tree, "fsGroup");
  }

  /** Pod only. {@code Always} or {@code OnRootMismatch}. */
  public String fsGroupChangePolicy() {
    return tree.string("fsGroupChangePolicy", "Always");
  }

  /** Pod only. */
  public List<Long> supplementalGroups() {
    return tree.list("supplementalGroups").stream()
        .filter(Long.class::isInstance)
        .map(Long.class::cast)
        .toList();
  }

  /** Pod only: {@code Merge} with what the image says of its user, or {@code Strict}. */
  public String supplementalGroupsPolicy() {
    return tree.string("supplementalGroupsPolicy", "Merge");
  }

  /** Pod only. */
  public List<Sysctl> sysctls() {
    return Fields.views(
        tree, "sysctls", each -> new Sysctl(each.string("name"), each.string("value")));
  }
}
