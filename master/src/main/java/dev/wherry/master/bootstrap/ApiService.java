package dev.wherry.master.bootstrap;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.InitialObjects;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.ipam.ClusterNetwork;
import java.net.InetAddress;
import java.util.List;

/**
 * The endpoints of the service {@code kubernetes} in the namespace {@code default}, by which pods
 * reach the API: this master. The service has no selector, so nobody else makes them.
 */
record ApiService(ObjectAccess access, ClusterNetwork network, InetAddress address, int port) {
  private static final ObjectKey KEY = new ObjectKey("default", "kubernetes");

  /** Makes what is missing and corrects what is not so any more. Idempotent. */
  void ensure() {
    InitialObjects.ensure(access, network, port);
    ensure(GroupResource.ENDPOINTS, endpoints());
    ensure(GroupResource.ENDPOINT_SLICES, slice());
  }

  private void ensure(GroupResource resource, Obj wanted) {
    try {
      access.create(resource, wanted);
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
      Obj stored = access.get(resource, KEY);
      access.update(resource, wanted.with("metadata", stored.obj("metadata")));
    }
  }

  private static Obj metadata(Obj labels) {
    return Obj.of("namespace", KEY.namespace(), "name", KEY.name(), "labels", labels);
  }

  private Obj endpoints() {
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "Endpoints",
        "metadata",
        metadata(Obj.of("endpointslice.kubernetes.io/skip-mirror", "true")),
        "subsets",
        List.of(
            Obj.of(
                "addresses",
                List.of(Obj.of("ip", address.getHostAddress())),
                "ports",
                List.of(Obj.of("name", "https", "port", port, "protocol", "TCP")))));
  }

  private Obj slice() {
    return Obj.of(
        "apiVersion",
        "discovery.k8s.io/v1",
        "kind",
        "EndpointSlice",
        "metadata",
        metadata(Obj.of("kubernetes.io/service-name", KEY.name())),
        "addressType",
        "IPv4",
        "endpoints",
        List.of(
            Obj.of(
                "addresses",
                List.of(address.getHostAddress()),
                "conditions",
                Obj.of("ready", true))),
        "ports",
        List.of(Obj.of("name", "https", "port", port, "protocol", "TCP")));
  }
}
