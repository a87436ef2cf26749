package dev.wherry.schemagenerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CorrectionsTest {
  private static final Corrections FACTS =
      Corrections.parse(
          List.of(
              "# a comment",
              "",
              "package k8s.io.api.apps.v1 apps/v1",
              "nokind Template",
              "kind Options",
              "inline Volume.source",
              "rename *.uID uid",
              "rename Props.ref $ref",
              "form Quantity quantity",
              "pointer Spec.replicas Spec.paused",
              "optional Spec.name Other.*",
              "enum Spec.type A B",
              "pointer Gone.field"));

  private static Message message(String name) {
    return new Message("k8s.io.api.apps.v1." + name, List.of(), List.of());
  }

  private static Declaration field(String name, String... comment) {
    return Declaration.parse("optional string " + name + " = 1;", List.of(comment));
  }

  @Test
  void answersFromTheFacts() {
    assertThat(FACTS.apiVersion("k8s.io.api.apps.v1")).isEqualTo("apps/v1");
    assertThat(FACTS.isKind(message("Template"), true)).isFalse();
    assertThat(FACTS.isKind(message("Options"), false)).isTrue();
    assertThat(FACTS.isKind(message("Thing"), true)).isTrue();
    assertThat(FACTS.isKind(message("Thing"), false)).isFalse();
    assertThat(FACTS.isInline(message("Volume"), field("source"))).isTrue();
    assertThat(FACTS.jsonName(message("Any"), field("uID"))).isEqualTo("uid");
    assertThat(FACTS.jsonName(message("Props"), field("ref"))).isEqualTo("$ref");
    assertThat(FACTS.jsonName(message("Other"), field("ref"))).isEqualTo("ref");
    assertThat(FACTS.form(message("Quantity"))).isEqualTo("quantity");
    assertThat(FACTS.isPointer(message("Spec"), field("paused"))).isTrue();
    assertThat(FACTS.enumValues(message("Spec"), field("type"))).containsExactly("A", "B");
  }

  @Test
  void whatIsNotMarkedOptionalIsRequiredUnlessAFactSaysOtherwise() {
    assertThat(FACTS.isRequired(message("Spec"), field("other"))).isTrue();
    assertThat(FACTS.isRequired(message("Spec"), field("other", "+optional"))).isFalse();
    assertThat(FACTS.isRequired(message("Spec"), field("name"))).isFalse();
    assertThat(FACTS.isRequired(message("Other"), field("any"))).isFalse();
    assertThat(FACTS.isRequired(message("Other"), field("any", "+required"))).isTrue();
  }

  @Test
  void namesFactsThatNothingNeeded() {
    assertThat(FACTS.unused()).contains("pointer Gone.field");
  }

  @Test
  void refusesFactsThatComeTwiceOrAreNone() {
    assertThatThrownBy(() -> Corrections.parse(List.of("kind A", "kind A")))
        .hasMessage("given twice: kind A");
    assertThatThrownBy(() -> Corrections.parse(List.of("frob A")))
        .hasMessage("no such correction: frob");
  }
}
