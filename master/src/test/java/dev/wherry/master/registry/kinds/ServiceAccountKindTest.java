package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Strategy;
import org.junit.jupiter.api.Test;

/** What is kept of a service account. */
class ServiceAccountKindTest {
  @Test
  void itsSecretsAreKnownByTheirNames() {
    Strategy strategy = ServiceAccountKind.DEFINITION.strategy();
    Obj given = json("{'secrets':[{'name':'a','namespace':'other','uid':'1'},{'name':'b'}]}");
    Obj kept = json("{'secrets':[{'name':'a'},{'name':'b'}]}");
    assertThat(strategy.beforeCreate(given)).isEqualTo(kept);
    assertThat(strategy.beforeUpdate(given, kept)).isEqualTo(kept);
  }
}
