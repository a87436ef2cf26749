package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.image.ImageAccounts;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.ContainerSpec.Security;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What security contexts become where the machine at hand has no such module. */
class ContainerSecurityTest {
  private static final Image IMAGE = new Image("id", List.of(), List.of(), 1, "");

  private static Security security(String ofPod, String own) throws Exception {
    PodView pod =
        new PodView(
            Json.read(
                """
                {"kind":"Pod","metadata":{"name":"p","namespace":"ns","uid":"u"},
                 "spec":{"securityContext":{%s},
                  "containers":[{"name":"c","image":"i","securityContext":{%s}}]}}
                """
                    .formatted(ofPod, own)));
    ContainerView container = pod.containers().getFirst();
    return ContainerSecurity.render(
        pod,
        container,
        IMAGE,
        ContainerUser.of(pod, container, IMAGE, ImageAccounts.NONE, List.of()),
        new ContainerPolicy(1, Path.of("/seccomp"), List.of(), Set.of(), false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | `` | ``",
        "\"appArmorProfile\":{\"type\":\"Localhost\",\"localhostProfile\":\"strict\"} | `` | strict",
        "\"appArmorProfile\":{\"type\":\"Localhost\",\"localhostProfile\":\"strict\"}"
            + " | \"appArmorProfile\":{\"type\":\"Unconfined\"} | unconfined",
        "\"appArmorProfile\":{\"type\":\"RuntimeDefault\"} | `` | ``",
        "`` | \"privileged\":true | unconfined",
      })
  void namesTheAppArmorProfile(String ofPod, String own, String profile) throws Exception {
    assertThat(security(ofPod, own).appArmor()).isEqualTo(profile);
  }

  @Test
  void aContainersSeLinuxLabelGoesBeforeItsPods() throws Exception {
    String ofPod = "\"seLinuxOptions\":{\"type\":\"pod_t\",\"level\":\"s0\"}";
    assertThat(security(ofPod, "").seLinux()).containsExactly("type:pod_t", "level:s0");
    assertThat(security(ofPod, "\"seLinuxOptions\":{\"user\":\"u\"}").seLinux())
        .containsExactly("user:u");
  }

  @Test
  void capabilitiesAreNamedAsTheKernelDoes() throws Exception {
    Security security =
        security("", "\"capabilities\":{\"add\":[\"NET_ADMIN\",\"CAP_CHOWN\"],\"drop\":[\"ALL\"]}");
    assertThat(security.addCapabilities()).containsExactly("CAP_NET_ADMIN", "CAP_CHOWN");
    assertThat(security.dropCapabilities()).containsExactly("ALL");
  }
}
