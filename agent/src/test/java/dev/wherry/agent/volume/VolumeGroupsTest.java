package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import org.junit.jupiter.api.Test;

/** Groups that administrators wrote on PersistentVolumes. */
class VolumeGroupsTest {
  private final DesiredState desired = new DesiredState();

  private void bound(String claim, String annotations) {
    desired.upsert(
        Resource.PERSISTENT_VOLUMES,
        Json.read(
            """
            {"kind":"PersistentVolume","metadata":{"name":"pv-%s","annotations":{%s}},
             "spec":{"hostPath":{"path":"/x"}}}
            """
                .formatted(claim, annotations)));
    desired.upsert(
        Resource.PERSISTENT_VOLUME_CLAIMS,
        Json.read(
            """
            {"kind":"PersistentVolumeClaim","metadata":{"name":"%1$s","namespace":"default"},
             "spec":{"volumeName":"pv-%1$s"},"status":{"phase":"Bound"}}
            """
                .formatted(claim)));
  }

  @Test
  void areThoseOfTheVolumesThatAPodUses() {
    bound("a", "\"pv.beta.kubernetes.io/gid\":\"1234\"");
    bound("b", "\"pv.beta.kubernetes.io/gid\":\"many\"");
    bound("c", "");
    bound("unused", "\"pv.beta.kubernetes.io/gid\":\"7\"");
    PodView pod =
        new PodView(
            Json.read(
                """
                {"metadata":{"name":"p","namespace":"default"},"spec":{"volumes":[
                  {"name":"e","emptyDir":{}},
                  {"name":"a","persistentVolumeClaim":{"claimName":"a"}},
                  {"name":"b","persistentVolumeClaim":{"claimName":"b"}},
                  {"name":"c","persistentVolumeClaim":{"claimName":"c"}},
                  {"name":"gone","persistentVolumeClaim":{"claimName":"gone"}}]}}
                """));
    assertThat(VolumeGroups.of(pod, ConfigSource.of(desired, "default"))).containsExactly(1234L);
  }
}
