package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of things whose namespace is gone. */
class NamespacesTest {
  private static final ObjectKey TEAM = new ObjectKey("", "team");

  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    timer.close();
  }

  private void create(GroupResource resource, String text) {
    cluster.objects.create(resource, Cluster.json(text));
  }

  /** A namespace that went while something was on its way into it. */
  private void goWithoutItsContents() {
    create(
        GroupResource.NAMESPACES,
        "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'team'}}");
    create(
        GroupResource.CONFIG_MAPS,
        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m','namespace':'team'}}");
    cluster.objects.delete(GroupResource.NAMESPACES, TEAM, DeleteOptions.DEFAULT);
    Obj going = cluster.objects.get(GroupResource.NAMESPACES, TEAM);
    cluster.objects.update(
        GroupResource.NAMESPACES,
        TEAM,
        "finalize",
        going.withAt(List.of(), "spec", "finalizers"),
        WriteOptions.DEFAULT);
    assertThat(cluster.find(GroupResource.NAMESPACES, TEAM)).isEmpty();
  }

  @Test
  void deletesWhatANamespaceThatIsGoneLeftBehind() {
    goWithoutItsContents();
    ObjectKey stray = new ObjectKey("team", "m");
    assertThat(cluster.find(GroupResource.CONFIG_MAPS, stray)).isPresent();
    cluster.startControllers();
    cluster.await("swept", () -> cluster.find(GroupResource.CONFIG_MAPS, stray).isEmpty());
  }
}
