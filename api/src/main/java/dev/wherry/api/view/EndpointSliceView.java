package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** An endpoint slice, typed. */
public record EndpointSliceView(Obj tree) implements ObjectView {
  public static final String SERVICE_NAME_LABEL = "kubernetes.io/service-name";
  public static final String MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";

  /** One entry of {@code ports}. */
  public record Port(Obj tree) {
    public String name() {
      return tree.string("name");
    }

    public int port() {
      return (int) tree.number("port", 0);
    }

    public String protocol() {
      return tree.string("protocol", "TCP");
    }
  }

  /** One entry of {@code endpoints}. */
  public record Endpoint(Obj tree) {
    public List<String> addresses() {
      return tree.strings("addresses");
    }

    /** Absent counts as true (discovery/v1). */
    public boolean ready() {
      return tree.obj("conditions").flag("ready", true);
    }

    /** Absent counts as ready. */
    public boolean serving() {
      return tree.obj("conditions").flag("serving", ready());
    }

    public boolean terminating() {
      return tree.obj("conditions").flag("terminating");
    }

    public String nodeName() {
      return tree.string("nodeName");
    }

    public String hostname() {
      return tree.string("hostname");
    }

    /** Zones whose traffic this endpoint is for; empty: no hint. */
    public List<String> hintedZones() {
      return Fields.views(tree.obj("hints"), "forZones", each -> each.string("name"));
    }

    /** The nodes that had better use it than others; empty: nobody said. */
    public List<String> nodeHints() {
      return Fields.views(tree.obj("hints"), "forNodes", each -> each.string("name"));
    }

    public Obj targetRef() {
      return tree.obj("targetRef");
    }
  }

  /** The service that it belongs to; empty when none. */
  public String serviceName() {
    return meta().labels().getOrDefault(SERVICE_NAME_LABEL, "");
  }

  /** {@code IPv4}, {@code IPv6} or {@code FQDN}. */
  public String addressType() {
    return tree.string("addressType", "IPv4");
  }

  public List<Port> ports() {
    return Fields.views(tree, "ports", Port::new);
  }

  public List<Endpoint> endpoints() {
    return Fields.views(tree, "endpoints", Endpoint::new);
  }
}
