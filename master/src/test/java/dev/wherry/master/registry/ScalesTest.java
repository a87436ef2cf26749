package dev.wherry.master.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scale of an object, and an object scaled. */
class ScalesTest {
  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          Deployment | {'matchLabels':{'a':'b'}} | a=b
          Deployment | {'matchLabels':{'a':'b'},'matchExpressions':[{'key':'c','operator':'In','values':['d','e']},{'key':'f','operator':'Exists'}]} | a=b,c in (d,e),f
          ReplicationController | {'a':'b','c':'d'} | a=b,c=d
          """)
  void tellsTheSelectorAsText(String kind, String selector, String text) {
    Obj object = json("{'kind':'" + kind + "','spec':{'replicas':2,'selector':" + selector + "}}");
    Obj scale = Scales.of(object);
    assertThat(scale.obj("status").string("selector")).isEqualTo(text);
    assertThat(scale.obj("spec").number("replicas", 0)).isEqualTo(2);
  }

  @Test
  void changesReplicasAlone() {
    Obj object = json("{'metadata':{'name':'x'},'spec':{'replicas':2,'paused':true}}");
    assertThat(Scales.applied(json("{'spec':{'replicas':5}}"), object))
        .isEqualTo(json("{'metadata':{'name':'x'},'spec':{'replicas':5,'paused':true}}"));
    assertThat(Scales.applied(json("{}"), object).obj("spec").number("replicas", 1)).isZero();
  }

  @Test
  void refusesFewerReplicasThanNone() {
    Obj object = json("{'metadata':{'name':'x'},'spec':{'replicas':2}}");
    assertThatThrownBy(() -> Scales.applied(json("{'spec':{'replicas':-1}}"), object))
        .isInstanceOf(StatusException.class)
        .hasMessage(
            "Scale.autoscaling \"x\" is invalid: spec.replicas: Invalid value: -1: must be"
                + " greater than or equal to 0");
  }
}
