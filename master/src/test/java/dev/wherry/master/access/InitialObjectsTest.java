package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.NAMESPACES;
import static dev.wherry.api.object.GroupResource.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InitialObjectsTest {
  private static final GroupResource PRIORITY_CLASSES =
      new GroupResource("scheduling.k8s.io", "priorityclasses");

  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private List<Obj> all(GroupResource resource) {
    return cluster.objects.list(resource, "", ListOptions.ALL).items();
  }

  private void ensure() {
    InitialObjects.ensure(cluster.objects, ClusterNetwork.DEFAULT, 6443);
  }

  @Test
  void areThereFromTheStart() {
    ensure();
    assertThat(all(NAMESPACES))
        .extracting(each -> Meta.of(each).name())
        .containsExactly("default", "kube-node-lease", "kube-public", "kube-system");
    assertThat(all(PRIORITY_CLASSES))
        .extracting(each -> Meta.of(each).name() + " " + each.number("value", 0))
        .containsExactly("system-cluster-critical 2000000000", "system-node-critical 2000001000");
    assertThat(all(GroupResource.SERVICE_CIDRS))
        .extracting(each -> Meta.of(each).name() + " " + each.obj("spec").strings("cidrs"))
        .containsExactly("kubernetes [10.43.0.0/16]");
    Obj service = cluster.get(SERVICES, "kubernetes");
    assertThat(service.obj("spec").string("clusterIP")).isEqualTo("10.43.0.1");
    assertThat(service.obj("spec").objs("ports").getFirst())
        .isEqualTo(
            TestCluster.json("{'name':'https','port':443,'protocol':'TCP','targetPort':6443}"));
  }

  @Test
  void comeBackAndStayAsTheyAre() {
    ensure();
    Obj kept = cluster.objects.get(NAMESPACES, new ObjectKey("", "kube-system"));
    cluster.objects.delete(SERVICES, new ObjectKey("default", "kubernetes"), DeleteOptions.DEFAULT);
    ensure();
    assertThat(cluster.get(SERVICES, "kubernetes").obj("spec").string("clusterIP"))
        .isEqualTo("10.43.0.1");
    assertThat(cluster.objects.get(NAMESPACES, new ObjectKey("", "kube-system"))).isEqualTo(kept);
  }
}
