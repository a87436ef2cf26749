package dev.wherry.master.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.master.auth.Attributes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rule of a policy is about a request. */
class AuditPolicyTest {

  private static AuditPolicy policy(String rules) {
    return AuditPolicy.parse(
        Json.read(
            "{'apiVersion':'audit.k8s.io/v1','kind':'Policy','rules':[%s]}"
                .formatted(rules)
                .replace('\'', '"')));
  }

  private static Attributes resource(String user, String group, String verb, String path) {
    String[] parts = path.split("/", -1); // GROUP/RESOURCE/SUBRESOURCE/NAMESPACE/NAME
    return new Attributes(
        user,
        List.of(group),
        verb,
        new GroupResource(parts[0], parts[1]),
        parts[2],
        new ObjectKey(parts[3], parts[4]));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'users':['bob']                                              | get   | /pods//default/p       | true
          'users':['eve']                                              | get   | /pods//default/p       | false
          'userGroups':['devs','ops']                                  | get   | /pods//default/p       | true
          'userGroups':['ops']                                         | get   | /pods//default/p       | false
          'verbs':['list']                                             | get   | /pods//default/p       | false
          'resources':[{'group':''}]                                   | get   | /pods//default/p       | true
          'resources':[{'group':'apps'}]                               | get   | /pods//default/p       | false
          'resources':[{'group':'','resources':['pods']}]              | get   | /pods//default/p       | true
          'resources':[{'group':'','resources':['pods']}]              | get   | /pods/log/default/p    | false
          'resources':[{'group':'','resources':['pods/log']}]          | get   | /pods/log/default/p    | true
          'resources':[{'group':'','resources':['pods/*']}]            | get   | /pods/log/default/p    | true
          'resources':[{'group':'','resources':['pods/*']}]            | get   | /pods//default/p       | false
          'resources':[{'group':'apps','resources':['*/scale']}]       | get   | apps/deployments/scale/default/d | true
          'resources':[{'group':'','resources':['*']}]                 | get   | /pods/log/default/p    | true
          'resources':[{'group':'','resources':['pods'],'resourceNames':['p']}] | get | /pods//default/p | true
          'resources':[{'group':'','resources':['pods'],'resourceNames':['q']}] | get | /pods//default/p | false
          'namespaces':['default']                                     | get   | /pods//default/p       | true
          'namespaces':['']                                            | get   | /nodes///n             | true
          'namespaces':['']                                            | get   | /pods//default/p       | false
          'nonResourceURLs':['*']                                      | get   | /pods//default/p       | false
          """)
  void matchesRequestsForObjects(String rule, String verb, String path, boolean matches) {
    AuditPolicy policy = policy("{'level':'Request',%s}".formatted(rule));
    assertThat(policy.decide(resource("bob", "devs", verb, path)).level())
        .isEqualTo(matches ? Level.REQUEST : Level.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'nonResourceURLs':['/api*']            | /apis/apps | true
          'nonResourceURLs':['/version']         | /version   | true
          'nonResourceURLs':['/version']         | /versions  | false
          'resources':[{'group':''}]             | /version   | false
          'namespaces':['']                      | /version   | false
          'verbs':['get']                        | /version   | true
          """)
  void matchesRequestsForPaths(String rule, String path, boolean matches) {
    AuditPolicy policy = policy("{'level':'Metadata',%s}".formatted(rule));
    Attributes wanted = new Attributes("bob", List.of(), "get", new Attributes.Target.Path(path));
    assertThat(policy.decide(wanted).level()).isEqualTo(matches ? Level.METADATA : Level.NONE);
  }

  @Test
  void theFirstRuleCounts() {
    AuditPolicy policy =
        policy(
            "{'level':'None','users':['bob']},{'level':'RequestResponse','omitStages':['Panic']}");
    assertThat(policy.decide(resource("bob", "devs", "get", "/pods//default/p")).level())
        .isEqualTo(Level.NONE);
    assertThat(policy.decide(resource("eve", "devs", "get", "/pods//default/p")).omitted())
        .containsExactly(Stage.PANIC);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'kind':'Policy'}                                                    | expected apiVersion audit.k8s.io/v1 and kind Policy, not "" and "Policy"
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy'}                     | rules: Required value: a policy has at least one
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy','rule':[]}           | unknown field "rule"
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy','rules':[{'level':'Some'}]} | rules[0].level: Unsupported value: "Some": supported values: "None", "Metadata", "Request", "RequestResponse"
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy','rules':[{'level':'None','usrs':['a']}]} | unknown field "rules[0].usrs"
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy','rules':[{'level':'None','omitStages':['Now']}]} | rules[0].omitStages: Unsupported value: "Now"
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy','rules':[{'level':'None','nonResourceURLs':['a']}]} | rules[0].nonResourceURLs: Invalid value: "a": it must begin with '/', and '*' may stand at its end alone
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy','rules':[{'level':'None','nonResourceURLs':['/a'],'namespaces':['x']}]} | rules[0].nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs
          {'apiVersion':'audit.k8s.io/v1','kind':'Policy','rules':[{'level':'None','resources':[{'resourceNames':['x']}]}]} | rules[0].resources.resourceNames: Invalid value: using resourceNames requires at least one resource
          """,
      quoteCharacter = '`')
  void refusesWhatIsNoPolicy(String policy, String message) {
    assertThatThrownBy(() -> AuditPolicy.parse(Json.read(policy.replace('\'', '"'))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  /** The standard policy: who, of which group, does what to what; whether it is recorded. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          system:admin                                       | system:masters                     | delete | /pods//default/p                 | true
          system:admin                                       | system:masters                     | list   | /secrets//default/               | true
          bob                                                | system:authenticated               | create | /pods/exec/default/p             | true
          system:anonymous                                   | system:unauthenticated             | list   | /pods//default/                  | true
          bob                                                | system:authenticated               | create | /events//default/                | false
          elected                                            | system:authenticated               | update | coordination.k8s.io/leases//default/l | false
          system:apiserver                                   | system:masters                     | update | /pods/status/default/p           | false
          system:serviceaccount:kube-system:job-controller   | system:serviceaccounts:kube-system | update | batch/jobs/status/default/j      | false
          system:serviceaccount:kube-system:job-controller   | system:serviceaccounts:kube-system | delete | /pods//default/p                 | true
          system:kube-scheduler                              | system:authenticated               | create | /pods/binding/default/p          | false
          system:node:n1                                     | system:nodes                       | patch  | /nodes/status//n1                | false
          system:node:n1                                     | system:nodes                       | create | /serviceaccounts/token/default/a | false
          system:node:n1                                     | system:nodes                       | create | /secrets//default/               | true
          """)
  void theStandardPolicyLeavesOutRoutine(
      String user, String group, String verb, String path, boolean recorded) {
    AuditPolicy.Decision decision =
        AuditPolicy.standard().decide(resource(user, group, verb, path));
    assertThat(decision.level()).isEqualTo(recorded ? Level.METADATA : Level.NONE);
  }
}
