package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Strategy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a claim's data come from, and how far its size can go back. */
class PersistentVolumeClaimKindTest {
  private static final Strategy CLAIMS = kind("persistentvolumeclaims").strategy();

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {} | {}
          {'dataSource':{'kind':'PersistentVolumeClaim','name':'a'}} | {'dataSource':{'kind':'PersistentVolumeClaim','name':'a'},'dataSourceRef':{'kind':'PersistentVolumeClaim','name':'a'}}
          {'dataSourceRef':{'apiGroup':'g.example','kind':'K','name':'a'}} | {'dataSourceRef':{'apiGroup':'g.example','kind':'K','name':'a'},'dataSource':{'apiGroup':'g.example','kind':'K','name':'a'}}
          {'dataSourceRef':{'kind':'PersistentVolumeClaim','name':'a','namespace':'n'}} | {'dataSourceRef':{'kind':'PersistentVolumeClaim','name':'a','namespace':'n'}}
          {'dataSource':{'apiGroup':'snapshot.storage.k8s.io','kind':'VolumeSnapshot','name':'s'}} | {'dataSource':{'apiGroup':'snapshot.storage.k8s.io','kind':'VolumeSnapshot','name':'s'},'dataSourceRef':{'apiGroup':'snapshot.storage.k8s.io','kind':'VolumeSnapshot','name':'s'}}
          {'dataSource':{'apiGroup':'g.example','kind':'K','name':'a'}} | {}
          """)
  void fillsBothSourcesFromTheOneGiven(String given, String stored) {
    Obj made = CLAIMS.beforeCreate(json("{'spec':" + given + "}"));
    assertThat(made.obj("spec")).isEqualTo(json(stored));
  }

  @Test
  void takesAManifestWithOneSourceForTheClaimMadeOfIt() {
    Obj manifest = json("{'spec':{'dataSource':{'kind':'PersistentVolumeClaim','name':'a'}}}");
    Obj stored = CLAIMS.beforeCreate(manifest);
    Obj updated = CLAIMS.beforeUpdate(manifest, stored);
    assertThat(updated).isEqualTo(stored);
    assertThat(changes(kind("persistentvolumeclaims"), stored, updated)).isEmpty();
    Obj older = stored.change("spec", spec -> spec.without("dataSourceRef"));
    assertThat(changes(kind("persistentvolumeclaims"), older, updated)).isEmpty();
  }

  @ParameterizedTest(name = "to {0}")
  @CsvSource({"4Gi,true", "2Gi,true", "1Gi,false", "512Mi,false"})
  void takesBackAGrowthButNotWhatThereIs(String asked, boolean allowed) {
    Obj before = bound("3Gi");
    assertThat(changes(kind("persistentvolumeclaims"), before, bound(asked)))
        .isEqualTo(
            allowed
                ? List.of()
                : List.of(
                    "spec.resources.requests.storage: Forbidden: field can not be less than"
                        + " status.capacity"));
  }

  private static Obj bound(String asked) {
    return json(
        "{'status':{'phase':'Bound','capacity':{'storage':'1Gi'}},"
            + "'spec':{'resources':{'requests':{'storage':'"
            + asked
            + "'}}}}");
  }
}
