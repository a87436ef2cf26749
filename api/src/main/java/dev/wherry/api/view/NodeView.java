package dev.wherry.api.view;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node, typed. */
public record NodeView(Obj tree) implements ObjectView {
  public static final String READY = "Ready";

  /** One entry of {@code status.addresses}; {@code type} as {@code InternalIP}. */
  public record Address(String type, String address) {}

  public NodeName name() {
    return new NodeName(meta().name());
  }

  public Map<String, String> labels() {
    return meta().labels();
  }

  public boolean unschedulable() {
    return tree.obj("spec").flag("unschedulable");
  }

  public List<Taint> taints() {
    return Fields.views(tree.obj("spec"), "taints", Taint::new);
  }

  /** Empty until the master gave one. */
  public String podCidr() {
    return tree.obj("spec").string("podCIDR");
  }

  /** One of each address family of the cluster; empty until the master gave one. */
  public List<String> podCidrs() {
    List<String> all = tree.obj("spec").strings("podCIDRs");
    return all.isEmpty() && !podCidr().isEmpty() ? List.of(podCidr()) : all;
  }

  public ResourceList capacity() {
    return new ResourceList(tree.obj("status").obj("capacity"));
  }

  public ResourceList allocatable() {
    return new ResourceList(tree.obj("status").obj("allocatable"));
  }

  public List<Address> addresses() {
    return Fields.views(
        tree.obj("status"),
        "addresses",
        address -> new Address(address.string("type"), address.string("address")));
  }

  /** The first of type {@code InternalIP}. */
  public Optional<String> internalIp() {
    return internalIps().stream().findFirst();
  }

  /** All of type {@code InternalIP}: one of each family in clusters of both. */
  public List<String> internalIps() {
    return addresses().stream()
        .filter(address -> address.type().equals("InternalIP"))
        .map(Address::address)
        .toList();
  }

  public boolean isReady() {
    return Condition.isTrue(tree, READY);
  }

  public Optional<Condition> condition(String type) {
    return Condition.find(tree, type);
  }
}
