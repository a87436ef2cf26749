package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A service, typed. */
public record ServiceView(Obj tree) implements ObjectView {
  /** One entry of {@code spec.ports}. */
  public record Port(Obj tree) {
    /** Empty where the service has one port. */
    public String name() {
      return tree.string("name");
    }

    public int port() {
      return (int) tree.number("port", 0);
    }

    public String protocol() {
      return tree.string("protocol", "TCP");
    }

    /** A number or a container port's name; the port itself where it lacks. */
    public String targetPort() {
      Object target = tree.get("targetPort").orElse((long) port());
      return target.equals(0L) || target.equals("") ? String.valueOf(port()) : target.toString();
    }

    /** 0: none. */
    public int nodePort() {
      return (int) tree.number("nodePort", 0);
    }

    public String appProtocol() {
      return tree.string("appProtocol");
    }
  }

  /** {@code ClusterIP}, {@code NodePort}, {@code LoadBalancer} or {@code ExternalName}. */
  public String type() {
    return spec().string("type", "ClusterIP");
  }

  /** Empty, an address, or {@code None}. */
  public String clusterIp() {
    return spec().string("clusterIP");
  }

  /** Of each family one, the first family's first; {@code None} alone of a headless service. */
  public List<String> clusterIps() {
    List<String> all = spec().strings("clusterIPs");
    return all.isEmpty() && !clusterIp().isEmpty() ? List.of(clusterIp()) : all;
  }

  public boolean isHeadless() {
    return clusterIp().equals("None");
  }

  public List<Port> ports() {
    return Fields.views(spec(), "ports", Port::new);
  }

  /** Empty: somebody else makes the endpoints. */
  public Map<String, String> selector() {
    return spec().stringMap("selector");
  }

  public boolean publishNotReadyAddresses() {
    return spec().flag("publishNotReadyAddresses");
  }

  public List<String> externalIps() {
    return spec().strings("externalIPs");
  }

  /** {@code Cluster} or {@code Local}. */
  public String externalTrafficPolicy() {
    return spec().string("externalTrafficPolicy", "Cluster");
  }

  /** {@code Cluster} or {@code Local}. */
  public String internalTrafficPolicy() {
    return spec().string("internalTrafficPolicy", "Cluster");
  }

  public int healthCheckNodePort() {
    return (int) spec().number("healthCheckNodePort", 0);
  }

  public boolean hasClientIpAffinity() {
    return spec().string("sessionAffinity").equals("ClientIP");
  }

  public OptionalLong sessionAffinityTimeoutSeconds() {
    return Fields.number(spec().at("sessionAffinityConfig", "clientIP"), "timeoutSeconds");
  }

  public String externalName() {
    return spec().string("externalName");
  }

  public List<String> ipFamilies() {
    return spec().strings("ipFamilies");
  }

  /** CIDRs from which clients may come to a load balancer's address; empty: from everywhere. */
  public List<String> loadBalancerSourceRanges() {
    return spec().strings("loadBalancerSourceRanges");
  }

  /** Addresses that a load balancer gave it. */
  public List<String> loadBalancerIps() {
    return Fields.views(tree.at("status", "loadBalancer"), "ingress", each -> each.string("ip"));
  }
}
