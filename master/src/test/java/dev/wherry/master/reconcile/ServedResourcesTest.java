package dev.wherry.master.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.OwnerReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServedResourcesTest {
  private static final ServedResource PODS =
      new ServedResource(GroupResource.PODS, "v1", "Pod", true);
  private static final ServedResource WIDGETS =
      new ServedResource(
          new GroupResource("example.com", "widgets"), "example.com/v1", "Widget", true);

  @Test
  void findsTheResourceOfAKindInWhateverVersion() {
    ServedResources resources = new ServedResources(List.of(PODS, WIDGETS));
    assertThat(resources.find("example.com", "Widget")).contains(WIDGETS);
    assertThat(resources.find("", "Widget")).isEmpty();
    assertThat(resources.find(owner("v1", "Pod"))).contains(PODS);
    assertThat(resources.find(owner("example.com/v2", "Widget"))).contains(WIDGETS);
    assertThat(resources.find(owner("apps/v1", "Pod"))).isEmpty();
  }

  private static OwnerReference owner(String apiVersion, String kind) {
    return new OwnerReference(apiVersion, kind, "n", "u", false, false);
  }

  @Test
  void tellsOnceOfEachThatComesAndGoes() {
    ServedResources resources = new ServedResources(List.of(PODS));
    List<String> told = new ArrayList<>();
    ServedResources.Listener listener =
        new ServedResources.Listener() {
          @Override
          public void onAdded(ServedResource resource) {
            told.add("+" + resource.kind());
          }

          @Override
          public void onRemoved(ServedResource resource) {
            told.add("-" + resource.kind());
          }
        };
    resources.listen(listener);
    resources.add(PODS);
    resources.add(WIDGETS);
    resources.add(WIDGETS);
    assertThat(resources.all()).containsExactly(PODS, WIDGETS);
    resources.remove(WIDGETS.resource());
    resources.remove(WIDGETS.resource());
    assertThat(resources.all()).containsExactly(PODS);
    resources.forget(listener);
    resources.add(WIDGETS);
    assertThat(told).containsExactly("+Widget", "-Widget");
  }
}
