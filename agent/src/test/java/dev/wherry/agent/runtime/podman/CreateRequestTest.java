package dev.wherry.agent.runtime.podman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpec.Limits;
import dev.wherry.agent.runtime.ContainerSpecs;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What Podman is asked for, where the machine at hand cannot show it. */
class CreateRequestTest {
  private static final ContainerSpec SPEC =
      ContainerSpecs.of("web:1", new PodUid("uid"), Path.of("/log"));

  /** Podman 4.3 hands on to the OCI runtime what stands in {@code resource_limits} alone. */
  @Test
  void writesFilesOfVersionTwoOfControlGroupsAmongTheLimits() {
    Limits limits =
        new Limits(
            OptionalLong.of(1 << 20),
            2,
            OptionalLong.empty(),
            1000,
            Map.of(),
            "pods.slice",
            Map.of("memory.oom.group", "1"));

    Obj request = CreateRequest.render(ContainerSpecs.bounded(SPEC, limits), -1000);

    assertThat(request.at("resource_limits", "unified").string("memory.oom.group")).isEqualTo("1");
    assertThat(request.has("unified")).isFalse();
    assertThat(request.at("resource_limits", "memory").number("limit", 0)).isEqualTo(1 << 20);
  }

  @Test
  void leavesThemOutWhereThereAreNone() {
    assertThat(CreateRequest.render(SPEC, -1000).obj("resource_limits").has("unified")).isFalse();
  }
}
