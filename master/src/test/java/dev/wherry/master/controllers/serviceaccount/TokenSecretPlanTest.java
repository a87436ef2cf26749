package dev.wherry.master.controllers.serviceaccount;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenSecretPlanTest {
  private static final String CA = "pem";
  private static final Optional<Obj> ACCOUNT =
      Optional.of(json("{'metadata':{'name':'web','namespace':'shop','uid':'u1'}}"));
  private static final Obj NEW =
      json(
          "{'metadata':{'name':'s','namespace':'shop','annotations':{'kubernetes.io/service-account.name':'web'}},"
              + "'type':'kubernetes.io/service-account-token'}");

  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  @Test
  void fillsANewSecretOnce() {
    assertThat(TokenSecretPlan.account(NEW)).isEqualTo(new ObjectKey("shop", "web"));
    assertThat(TokenSecretPlan.plan(NEW, ACCOUNT, CA)).isEqualTo(new TokenSecretPlan.Fill(true));
    Obj filled = TokenSecretPlan.filled(NEW, ACCOUNT.orElseThrow(), CA, "jwt");
    assertThat(filled.obj("data").string("token")).isEqualTo("and0");
    assertThat(filled.obj("data").string("namespace")).isEqualTo("c2hvcA==");
    assertThat(TokenSecretPlan.plan(filled, ACCOUNT, CA)).isEqualTo(new TokenSecretPlan.Leave());
    assertThat(TokenSecretPlan.plan(filled, ACCOUNT, "newer"))
        .isEqualTo(new TokenSecretPlan.Fill(false));
  }

  @Test
  void removesWhatIsOfNoAccount() {
    assertThat(TokenSecretPlan.plan(NEW, Optional.empty(), CA))
        .isEqualTo(new TokenSecretPlan.Remove());
    Obj filled = TokenSecretPlan.filled(NEW, ACCOUNT.orElseThrow(), CA, "jwt");
    Optional<Obj> another = Optional.of(ACCOUNT.get().withAt("u2", "metadata", "uid"));
    assertThat(TokenSecretPlan.plan(filled, another, CA)).isEqualTo(new TokenSecretPlan.Remove());
  }

  @Test
  void leavesOtherSecretsAlone() {
    assertThat(TokenSecretPlan.plan(NEW.with("type", "Opaque"), Optional.empty(), CA))
        .isEqualTo(new TokenSecretPlan.Leave());
  }
}
