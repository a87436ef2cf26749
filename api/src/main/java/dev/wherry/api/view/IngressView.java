package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** An Ingress, typed. */
public record IngressView(Obj tree) implements ObjectView {
  private static final String NGINX = "nginx.ingress.kubernetes.io/";

  /** Annotations that name a Secret, with its namespace before it or not. */
  private static final List<String> NAMING =
      List.of(NGINX + "proxy-ssl-secret", NGINX + "auth-secret");

  /**
   * Names of the Secrets, of its own namespace, that who serves it needs: hosts' certificates, what
   * backends are shown, users' passwords. May hold one twice. What names another namespace's is
   * left out: who may write Ingresses is not who may read Secrets everywhere.
   */
  public List<String> secretNames() {
    List<String> names = new ArrayList<>();
    for (Obj tls : tree.obj("spec").objs("tls")) {
      add(names, tls.string("secretName"));
    }
    String namespace = meta().namespace();
    for (String each : NAMING) {
      String name = meta().annotations().getOrDefault(each, "").strip();
      add(names, name.startsWith(namespace + "/") ? name.substring(namespace.length() + 1) : name);
    }
    return List.copyOf(names);
  }

  private static void add(List<String> names, String name) {
    if (!name.isEmpty() && name.indexOf('/') < 0) {
      names.add(name);
    }
  }
}
