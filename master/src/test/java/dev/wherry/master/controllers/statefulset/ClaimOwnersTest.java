package dev.wherry.master.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StatefulSetView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimOwnersTest {
  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  /** Somebody else's reference stays, whatever the policy. */
  @ParameterizedTest
  @CsvSource({
    "Retain, Retain, kept,      Other",
    "Retain, Retain, condemned, Other",
    "Delete, Retain, kept,      'Other,StatefulSet'",
    "Delete, Retain, condemned, 'Other,StatefulSet'",
    "Retain, Delete, kept,      Other",
    "Retain, Delete, condemned, 'Other,Pod'",
    "Delete, Delete, kept,      'Other,StatefulSet'",
    "Delete, Delete, condemned, 'Other,Pod'",
  })
  void followsTheRetentionPolicy(
      String whenDeleted, String whenScaled, String pod, String expected) {
    StatefulSetView set =
        new StatefulSetView(
            json(
                """
                {'metadata': {'name': 'web', 'uid': 's'},
                 'spec': {'persistentVolumeClaimRetentionPolicy':
                  {'whenDeleted': '%s', 'whenScaled': '%s'}}}"""
                    .formatted(whenDeleted, whenScaled)));
    PodView condemned = new PodView(json("{'metadata': {'name': 'web-1', 'uid': 'p'}}"));
    Obj claim =
        json(
            """
            {'metadata': {'name': 'data-web-1', 'ownerReferences': [
              {'apiVersion': 'v1', 'kind': 'Other', 'name': 'o', 'uid': 'o'}]}}""");
    Optional<PodView> doomed = pod.equals("condemned") ? Optional.of(condemned) : Optional.empty();
    Obj owned = ClaimOwners.of(set, claim, doomed);
    List<String> kinds =
        Meta.of(owned).ownerReferences().stream().map(each -> each.kind()).toList();
    assertThat(String.join(",", kinds)).isEqualTo(expected);
    assertThat(ClaimOwners.of(set, owned, doomed)).as("a second time").isSameAs(owned);
    assertThat(ClaimOwners.of(set, owned, Optional.empty()))
        .as("the pod is wanted again")
        .isEqualTo(ClaimOwners.of(set, claim, Optional.empty()));
  }
}
