package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * Config maps by which others find the cluster: {@code extension-apiserver-authentication} tells
 * servers behind the API how clients prove themselves, {@code cluster-info} where the API is.
 */
public final class InitialDocuments {
  private InitialDocuments() {}

  /**
   * Makes them, or corrects what is not so any more.
   *
   * @param proxyCaPem the authority of proxies in front of the API
   * @param proxyName the common name of their certificates
   */
  public static void ensure(
      ObjectAccess objects, String caPem, String proxyCaPem, String proxyName, String apiServer) {
    Map<String, String> authentication =
        new TreeMap<>(FrontProxyHeaders.documented(proxyCaPem, proxyName));
    authentication.put("client-ca-file", caPem);
    ensure(
        objects,
        new ObjectKey("kube-system", "extension-apiserver-authentication"),
        authentication);
    ensure(
        objects,
        new ObjectKey("kube-public", "cluster-info"),
        Map.of("kubeconfig", clusterInfo(caPem, apiServer)));
  }

  private static String clusterInfo(String caPem, String apiServer) {
    String encoded = Base64.getEncoder().encodeToString(caPem.getBytes(StandardCharsets.US_ASCII));
    return """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: %s
            server: %s
          name: ""
        contexts: null
        current-context: ""
        kind: Config
        users: null
        """
        .formatted(encoded, apiServer);
  }

  private static void ensure(ObjectAccess objects, ObjectKey key, Map<String, String> data) {
    Obj wanted =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "ConfigMap",
            "metadata",
            Obj.of("namespace", key.namespace(), "name", key.name()),
            "data",
            data);
    try {
      Obj held = objects.get(GroupResource.CONFIG_MAPS, key);
      Obj merged = held.obj("data");
      for (Map.Entry<String, String> each : data.entrySet()) {
        merged = merged.with(each.getKey(), each.getValue());
      }
      if (!merged.equals(held.obj("data"))) {
        objects.update(GroupResource.CONFIG_MAPS, held.with("data", merged));
      }
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      objects.create(GroupResource.CONFIG_MAPS, wanted);
    }
  }
}
