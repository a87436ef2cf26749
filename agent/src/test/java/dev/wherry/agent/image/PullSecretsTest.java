package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullSecretsTest {
  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Obj secret(String... keys) {
    StringBuilder auths = new StringBuilder();
    for (String each : keys) {
      auths
          .append(auths.isEmpty() ? "" : ",")
          .append("\"" + each + "\":{\"auth\":\"" + base64(each + ":pw") + "\"}");
    }
    return Obj.of("data", Obj.of(".dockerconfigjson", base64("{\"auths\":{" + auths + "}}")));
  }

  @ParameterizedTest
  @CsvSource({
    "hello:1, https://index.docker.io/v1/, true",
    "hello:1, docker.io, true",
    "docker.io/team/app, docker.io/team, true",
    "docker.io/teams/app, docker.io/team, false",
    "registry.lan:5000/a:1, registry.lan:5000, true",
    "registry.lan:5000/a:1, registry.lan, false",
    "eu.registry.lan/a:1, *.registry.lan, true",
    "registry.lan/a:1, *.registry.lan, false",
    "eu1.registry.lan/a:1, eu*.registry.lan, true",
    "a.b.registry.lan/a:1, *.registry.lan, false",
  })
  void findsRegistriesByHostAndPath(String image, String key, boolean found) {
    assertThat(PullSecrets.of(List.of(secret(key)), image).isEmpty()).isNotEqualTo(found);
  }

  @Test
  void triesTheNearerFirst() {
    assertThat(
            PullSecrets.of(
                List.of(secret("docker.io", "docker.io/team"), secret("docker.io/team/app")),
                "docker.io/team/app:1"))
        .extracting(each -> each.password() + " " + each.isPresent())
        .hasSize(3);
    assertThat(
            PullSecrets.of(List.of(secret("x.lan"), secret("x.lan/a")), "x.lan/a/b")
                .getFirst()
                .username())
        .isEqualTo("x.lan/a");
  }

  @Test
  void readsTheOldFormAndNamesWithPasswords() {
    Obj old =
        Obj.of(
            "data",
            Obj.of(".dockercfg", base64("{\"x.lan\":{\"username\":\"u\",\"password\":\"p\"}}")));
    assertThat(PullSecrets.of(List.of(old), "x.lan/a")).containsExactly(new Credentials("u", "p"));
  }

  @Test
  void passesOverWhatIsNoSecretOfThisKind() {
    Obj broken = Obj.of("data", Obj.of(".dockerconfigjson", base64("{")));
    assertThat(PullSecrets.of(List.of(broken, secret("x.lan")), "x.lan/a")).hasSize(1);
  }
}
