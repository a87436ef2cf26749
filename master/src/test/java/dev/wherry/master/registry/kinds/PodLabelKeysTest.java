package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Selectors of a new pod with the label keys beside them, at every place where they may stand. */
class PodLabelKeysTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'matchLabelKeys':['a'],'labelSelector':{'matchLabels':{'x':'y'}} | {'matchLabels':{'x':'y'},'matchExpressions':[{'key':'a','operator':'In','values':['1']}]}
          'matchLabelKeys':['a','absent'],'labelSelector':{} | {'matchExpressions':[{'key':'a','operator':'In','values':['1']}]}
          'matchLabelKeys':['absent'],'labelSelector':{} | {}
          'matchLabelKeys':['a'],'labelSelector':{'matchExpressions':[{'key':'z','operator':'Exists'}]} | {'matchExpressions':[{'key':'z','operator':'Exists'},{'key':'a','operator':'In','values':['1']}]}
          'matchLabelKeys':['a'],'labelSelector':{'matchExpressions':[{'key':'a','operator':'In','values':['1']}]} | {'matchExpressions':[{'key':'a','operator':'In','values':['1']}]}
          'mismatchLabelKeys':['b'],'matchLabelKeys':['a'],'labelSelector':{} | {'matchExpressions':[{'key':'a','operator':'In','values':['1']},{'key':'b','operator':'NotIn','values':['2']}]}
          'matchLabelKeys':['a'] | {}
          """)
  void areWrittenIntoTheSelectors(String term, String selector) {
    Obj expected = Manifests.json(selector);
    String one = "{" + term + "}";
    String terms =
        "{'requiredDuringSchedulingIgnoredDuringExecution':["
            + one
            + "],"
            + "'preferredDuringSchedulingIgnoredDuringExecution':[{'podAffinityTerm':"
            + one
            + "}]}";
    Obj spec =
        Manifests.json(
            "{'topologySpreadConstraints':["
                + one
                + "],'affinity':{'podAffinity':"
                + terms
                + ",'podAntiAffinity':"
                + terms
                + "}}");
    Obj pod =
        Manifests.kind("pods")
            .strategy()
            .beforeCreate(
                Obj.of("spec", spec)
                    .withAt(Manifests.json("{'a':'1','b':'2'}"), "metadata", "labels"));
    Obj made = pod.obj("spec");
    assertThat(selector(made.objs("topologySpreadConstraints").getFirst())).isEqualTo(expected);
    for (String kind : new String[] {"podAffinity", "podAntiAffinity"}) {
      Obj affinity = made.at("affinity", kind);
      assertThat(
              selector(affinity.objs("requiredDuringSchedulingIgnoredDuringExecution").getFirst()))
          .isEqualTo(expected);
      assertThat(
              selector(
                  affinity
                      .objs("preferredDuringSchedulingIgnoredDuringExecution")
                      .getFirst()
                      .obj("podAffinityTerm")))
          .isEqualTo(expected);
    }
  }

  private static Obj selector(Obj term) {
    return term.obj("labelSelector");
  }
}
