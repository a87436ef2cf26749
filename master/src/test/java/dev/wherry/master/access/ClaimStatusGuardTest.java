package dev.wherry.master.access;

import static dev.wherry.master.access.TestCluster.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.RoleIndex;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who writes which part of a claim's status. */
class ClaimStatusGuardTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final GroupResource CLAIMS =
      new GroupResource("resource.k8s.io", "resourceclaims");
  private static final String NEEDS_BINDING =
      "changing status.allocation or status.reservedFor requires permission for"
          + " resourceclaims/binding";
  private static final String NEEDS_DRIVER =
      "changing status.devices of driver \"d.example\" requires permission for"
          + " resourceclaims/driver";
  private static final String ALLOCATION =
      "{'nodeSelector':{'nodeSelectorTerms':[{'matchFields':[{'key':'metadata.name','operator':'In','values':['n1']}]}]},"
          + "'devices':{'results':[{'request':'a','driver':'d.example','pool':'p','device':'v'}]}}";

  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private void allow(String name, String verbs, String resource, String names) {
    cluster.objects.create(
        RoleIndex.CLUSTER_ROLES,
        json(
            "{'metadata':{'name':'%s'},'rules':[{'verbs':[%s],'apiGroups':['resource.k8s.io'],'resources':['%s']%s}]}"
                .formatted(name, verbs, resource, names)));
    cluster.objects.create(
        RoleIndex.CLUSTER_ROLE_BINDINGS,
        json(
            "{'metadata':{'name':'%s'},'roleRef':{'kind':'ClusterRole','name':'%s'},'subjects':[{'kind':'User','name':'ann'}]}"
                .formatted(name, name)));
  }

  private Obj claim() {
    cluster.objects.create(
        CLAIMS,
        json(
            "{'metadata':{'name':'c','namespace':'default'},'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'k'}}]}}}"));
    return stored();
  }

  private Obj stored() {
    return cluster.objects.get(CLAIMS, new ObjectKey("default", "c"));
  }

  private ObjectAccess on(String node) {
    Map<String, List<String>> extra =
        node.isEmpty() ? Map.of() : Map.of("authentication.kubernetes.io/node-name", List.of(node));
    return cluster.entrance.as(new Identity("ann", "", List.of("system:authenticated"), extra));
  }

  private static String refusal(Runnable write) {
    try {
      write.run();
      return "";
    } catch (StatusException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Rules are seen a moment after they are written. */
  private static void awaitAnswer(Runnable write, String end) {
    Instant last = Instant.now().plus(DEADLINE);
    String said = refusal(write);
    while (end.isEmpty() ? !said.isEmpty() : !said.endsWith(end)) {
      assertThat(Instant.now()).as(said).isBefore(last);
      said = refusal(write);
    }
  }

  @Test
  void whoAllocatesNeedsTheBinding() {
    Obj claim = claim();
    Obj allocated = claim.withAt(json(ALLOCATION), "status", "allocation");
    allow("writes", "'update'", "resourceclaims/status", "");
    awaitAnswer(() -> on("").updateStatus(CLAIMS, allocated), NEEDS_BINDING);
    allow("binds", "'patch'", "resourceclaims/binding", "");
    awaitAnswer(() -> on("").updateStatus(CLAIMS, allocated), "");
    assertThat(stored().obj("status").has("allocation")).isTrue();
  }

  @Test
  void aDriverTellsOfItsOwnDevicesOnItsNode() {
    Obj claim =
        cluster.objects.updateStatus(
            CLAIMS, claim().withAt(json(ALLOCATION), "status", "allocation"));
    Obj told =
        claim.withAt(
            List.of(json("{'driver':'d.example','pool':'p','device':'v','data':{'a':1}}")),
            "status",
            "devices");
    allow("writes", "'update'", "resourceclaims/status", "");
    allow("other", "'arbitrary-node:update'", "resourceclaims/driver", ",'resourceNames':['e']");
    awaitAnswer(() -> on("n1").updateStatus(CLAIMS, told), NEEDS_DRIVER);
    allow(
        "near",
        "'associated-node:update'",
        "resourceclaims/driver",
        ",'resourceNames':['d.example']");
    awaitAnswer(() -> on("n1").updateStatus(CLAIMS, told), "");
    Obj cleared = stored().withAt(List.of(), "status", "devices");
    assertThat(refusal(() -> on("n2").updateStatus(CLAIMS, cleared))).endsWith(NEEDS_DRIVER);
    assertThat(refusal(() -> on("").updateStatus(CLAIMS, cleared))).endsWith(NEEDS_DRIVER);
    allow("far", "'arbitrary-node:update'", "resourceclaims/driver", "");
    awaitAnswer(() -> on("n2").updateStatus(CLAIMS, cleared), "");
  }
}
