package dev.wherry.master.bootstrap;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service {@code kube-dns} in {@code kube-system}: where tools look for the cluster's name
 * server. Each node answers on its address itself; whoever gives it endpoints, a name server of
 * one's own, goes first.
 */
record NameService(ObjectAccess access, String clusterIp) {
  private static final Logger LOG = LoggerFactory.getLogger(NameService.class);
  private static final ObjectKey KEY = new ObjectKey("kube-system", "kube-dns");

  /** Makes it where it is missing. */
  void ensure() {
    try {
      access.get(GroupResource.SERVICES, KEY);
      return;
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
    try {
      access.create(GroupResource.SERVICES, service());
    } catch (StatusException e) {
      // Somebody has the address, or is in the way otherwise: names are answered all the same.
      LOG.warn("there is no service {}: {}", KEY, e.getMessage());
    }
  }

  private Obj service() {
    Obj labels =
        Obj.of(
            "k8s-app",
            "kube-dns",
            "kubernetes.io/name",
            "CoreDNS",
            "wherry.dev/answered-by",
            "node");
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "Service",
        "metadata",
        Obj.of("namespace", KEY.namespace(), "name", KEY.name(), "labels", labels),
        "spec",
        Obj.of(
            "clusterIP",
            clusterIp,
            "ports",
            List.of(
                Obj.of("name", "dns", "port", 53, "protocol", "UDP"),
                Obj.of("name", "dns-tcp", "port", 53, "protocol", "TCP"))));
  }
}
