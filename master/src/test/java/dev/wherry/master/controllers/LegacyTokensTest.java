package dev.wherry.master.controllers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets.Legacy;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The setting by which every account gets a token in a Secret, as before Kubernetes 1.24. */
class LegacyTokensTest {
  private static final GroupResource ACCOUNTS = GroupResource.SERVICE_ACCOUNTS;

  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);

  @BeforeEach
  void start() {
    AccountSecrets secrets =
        new AccountSecrets((account, _, secret) -> account.name() + " by " + secret, Legacy.ON);
    cluster.startControllers(secrets);
    cluster.objects.create(GroupResource.NAMESPACES, Obj.of("metadata", Obj.of("name", "shop")));
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    timer.close();
  }

  private List<Obj> secrets(String account) {
    return cluster.objects.get(ACCOUNTS, new ObjectKey("shop", account)).objs("secrets");
  }

  private Obj secret(String name) {
    return cluster.objects.get(GroupResource.SECRETS, new ObjectKey("shop", name));
  }

  @Test
  void everyAccountRefersToItsOwnToken() throws Exception {
    cluster.objects.create(
        ACCOUNTS, Obj.of("metadata", Obj.of("namespace", "shop", "name", "web")));
    cluster.await("it has a secret", () -> secrets("web").size() == 1);
    String name = secrets("web").getFirst().string("name");
    assertThat(name).startsWith("web-token-");
    cluster.await("it is filled", () -> !secret(name).obj("data").string("token").isEmpty());
    String token =
        new String(Base64.getDecoder().decode(secret(name).obj("data").string("token")), UTF_8);
    assertThat(token).isEqualTo("web by " + name);
    assertThat(secret(name).string("type")).isEqualTo("kubernetes.io/service-account-token");
  }

  @Test
  void aTokenThatWasTakenAwayIsMadeAnew() throws Exception {
    cluster.objects.create(
        ACCOUNTS, Obj.of("metadata", Obj.of("namespace", "shop", "name", "web")));
    cluster.await("it has a secret", () -> secrets("web").size() == 1);
    String first = secrets("web").getFirst().string("name");
    cluster.objects.delete(
        GroupResource.SECRETS, new ObjectKey("shop", first), DeleteOptions.DEFAULT);
    cluster.await(
        "it has another",
        () -> secrets("web").stream().anyMatch(each -> !each.string("name").equals(first)));
  }
}
