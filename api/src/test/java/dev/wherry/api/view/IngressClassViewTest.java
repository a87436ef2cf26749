package dev.wherry.api.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IngressClassViewTest {
  private static Obj ingressClass(String name, String controller, String selector) {
    return Json.read(
        """
        {"metadata": {"name": "%s", "annotations": {"wherry.dev/node-selector": "%s",
           "ingressclass.kubernetes.io/is-default-class": "true"}},
         "spec": {"controller": "%s"}}
        """
            .formatted(name, selector, controller));
  }

  private static boolean isServed(String selector, Map<String, String> labels) {
    return new IngressClassView(ingressClass("wherry", IngressClassView.CONTROLLER, selector))
        .isServedBy(labels);
  }

  @Test
  void aClassIsServedByTheNodesThatItSelects() {
    Map<String, String> edge = Map.of("edge", "yes");
    assertThat(isServed("", Map.of())).isTrue();
    assertThat(isServed("edge=yes", edge)).isTrue();
    assertThat(isServed("edge=yes", Map.of("edge", "no"))).isFalse();
    assertThat(isServed("edge in (yes,maybe),!slow", edge)).isTrue();
    assertThat(isServed("edge=yes", Map.of())).isFalse();
    assertThatThrownBy(() -> isServed("edge in (yes", edge))
        .hasMessageContaining("unable to parse requirement");
  }

  @Test
  void anIngressIsOfTheClassThatItNamesOrOfTheDefaultOne() {
    List<Obj> classes =
        List.of(
            ingressClass("nginx", "k8s.io/ingress-nginx", ""),
            ingressClass("wherry", IngressClassView.CONTROLLER, ""));
    assertThat(of("{\"ingressClassName\": \"wherry\"}", "", classes)).isEqualTo("wherry");
    assertThat(of("{\"ingressClassName\": \"nginx\"}", "", classes)).isEqualTo("none");
    assertThat(of("{}", "wherry", classes)).isEqualTo("wherry");
    assertThat(of("{}", "nginx", classes)).isEqualTo("none");
    assertThat(of("{}", "", classes)).isEqualTo("wherry");
    assertThat(of("{}", "", classes.subList(0, 1))).isEqualTo("none");
  }

  private static String of(String spec, String annotation, List<Obj> classes) {
    Obj ingress =
        Json.read(
            "{\"metadata\": {\"annotations\": {\"kubernetes.io/ingress.class\": \"%s\"}}, \"spec\": %s}"
                .formatted(annotation, spec));
    return IngressClassView.of(ingress, classes).map(each -> each.meta().name()).orElse("none");
  }
}
