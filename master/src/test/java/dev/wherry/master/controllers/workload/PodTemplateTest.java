package dev.wherry.master.controllers.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.Test;

class PodTemplateTest {
  private static final Obj TEMPLATE =
      Json.read(
          """
          {"metadata": {"creationTimestamp": null, "labels": {"app": "web"}},
           "spec": {"containers": [{"name": "c", "image": "i"}], "volumes": [{"emptyDir": {}}]}}
          """);

  @Test
  void hashesByMeaningNotByOrder() {
    Obj same =
        Json.read(
            """
            {"spec": {"volumes": [{"emptyDir": {}}], "containers": [{"image": "i", "name": "c"}]},
             "metadata": {"labels": {"pod-template-hash": "x", "app": "web"}, "annotations": {}}}
            """);
    assertThat(PodTemplate.areAlike(TEMPLATE, same)).isTrue();
    assertThat(PodTemplate.hash(same, 0)).isEqualTo(PodTemplate.hash(TEMPLATE, 0));
    assertThat(PodTemplate.hash(TEMPLATE, 0)).matches("[bcdfghjklmnpqrstvwxz2-9]{1,10}");
    assertThat(PodTemplate.hash(TEMPLATE, 1)).isNotEqualTo(PodTemplate.hash(TEMPLATE, 0));
  }

  @Test
  void tellsTemplatesApart() {
    Obj other = Json.read(TEMPLATE.toString().replace("\"i\"", "\"j\""));
    assertThat(PodTemplate.areAlike(TEMPLATE, other)).isFalse();
    assertThat(PodTemplate.hash(other, 0)).isNotEqualTo(PodTemplate.hash(TEMPLATE, 0));
  }

  @Test
  void makesAPodThatItsOwnerControls() {
    Obj owner =
        Json.read(
            """
            {"apiVersion": "apps/v1", "kind": "ReplicaSet",
             "metadata": {"name": "web-1", "namespace": "n", "uid": "u"}}
            """);
    assertThat(PodTemplate.podOf(TEMPLATE, owner))
        .isEqualTo(
            Json.read(
                """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {
                   "generateName": "web-1-", "namespace": "n", "labels": {"app": "web"},
                   "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet",
                     "name": "web-1", "uid": "u", "controller": true,
                     "blockOwnerDeletion": true}]},
                 "spec": {"containers": [{"name": "c", "image": "i"}],
                   "volumes": [{"emptyDir": {}}]}}
                """));
  }
}
