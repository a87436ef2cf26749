package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flow schemas and priority levels that are bad, or just good enough. */
class FlowKindsTest {
  private static final ResourceDefinition SCHEMAS =
      kind("flowschemas.flowcontrol.apiserver.k8s.io");
  private static final ResourceDefinition LEVELS =
      kind("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io");

  private static Obj named(String name, String spec) {
    return json("{'metadata':{'name':'" + name + "'},'spec':" + spec + "}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'subjects':[{'kind':'User','user':{'name':'u'}}],'resourceRules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*'],'clusterScope':true}]} | ^^
          {} | RULE.subjects: Required value: subjects must contain at least one value; RULE: Required value: at least one of resourceRules and nonResourceRules has to be non-empty
          {'subjects':[{'kind':'Some'}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/x']}]} | RULE.subjects[0].kind: Unsupported value: "Some": supported values: "Group", "ServiceAccount", "User"
          {'subjects':[{'kind':'User'}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/x']}]} | RULE.subjects[0].user: Required value: user is required when subject kind is 'User'
          {'subjects':[{'kind':'User','user':{'name':''},'group':{'name':'g'}}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/x']}]} | RULE.subjects[0].user.name: Required value; RULE.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'
          {'subjects':[{'kind':'Group','group':{'name':'g'},'serviceAccount':{}}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/x']}]} | RULE.subjects[0].serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'
          {'subjects':[{'kind':'ServiceAccount','serviceAccount':{'name':'*'}}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/x']}]} | RULE.subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account
          {'subjects':[{'kind':'ServiceAccount','serviceAccount':{'name':'','namespace':'n'}}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/x']}]} | RULE.subjects[0].serviceAccount.name: Required value
          {'subjects':[{'kind':'User','user':{'name':'u'}}],'resourceRules':[{}]} | RULE.resourceRules[0].verbs: Required value: verbs must contain at least one value; RULE.resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group; RULE.resourceRules[0].resources: Required value: resource rules must supply at least one resource; RULE.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace
          {'subjects':[{'kind':'User','user':{'name':'u'}}],'resourceRules':[{'verbs':['*','get'],'apiGroups':['*','a'],'resources':['*','a'],'namespaces':['*','a']}]} | RULE.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs; RULE.resourceRules[0].apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other api groups; RULE.resourceRules[0].resources: Invalid value: ["*","a"]: if '*' is present, must not specify other resources; RULE.resourceRules[0].namespaces: Invalid value: ["*","a"]: if '*' is present, must not specify other namespaces
          {'subjects':[{'kind':'User','user':{'name':'u'}}],'resourceRules':[{'verbs':['bake'],'apiGroups':[''],'resources':['pods'],'namespaces':['A']}]} | RULE.resourceRules[0].verbs: Unsupported value: ["bake"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"; RULE.resourceRules[0].namespaces[0]: Invalid value: "A": each member of this list must be '*' or a DNS-1123 label; a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
          {'subjects':[{'kind':'User','user':{'name':'u'}}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['','a','/a b','//','/*/b','/**','/a*','/','/a/*']}]} | RULE.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "": must not be empty; RULE.nonResourceRules[0].nonResourceURLs[1]: Invalid value: "a": must start with slash; RULE.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a b": must not contain white-space; RULE.nonResourceRules[0].nonResourceURLs[3]: Invalid value: "//": must not contain double slash; RULE.nonResourceRules[0].nonResourceURLs[4]: Invalid value: "/*/b": wildcard can only do suffix matching; RULE.nonResourceRules[0].nonResourceURLs[5]: Invalid value: "/**": wildcard can only do suffix matching; RULE.nonResourceRules[0].nonResourceURLs[6]: Invalid value: "/a*": wildcard can only do suffix matching
          {'subjects':[{'kind':'User','user':{'name':'u'}}],'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['*','/x']}]} | RULE.nonResourceRules[0].nonResourceURLs: Invalid value: ["*","/x"]: if '*' is present, must not specify other non-resource URLs
          """)
  void checksRules(String rule, String complaint) {
    Obj schema = named("x", "{'priorityLevelConfiguration':{'name':'l'},'rules':[" + rule + "]}");
    assertThat(String.join("; ", complaints(SCHEMAS, schema)))
        .isEqualTo(complaint.replace("RULE", "spec.rules[0]"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          x | {'type':'Exempt'} | spec.type: Invalid value: "Exempt": must be 'Exempt' if and only if `name` is 'exempt'
          x | {'type':'Limited','limited':{'limitResponse':{'type':'Reject'}}} | ^^
          x | {'type':'Limited','exempt':{},'limited':{'limitResponse':{'type':'Reject'}}} | spec.exempt: Forbidden: must be nil if the type is Limited
          x | {'type':'Limited','limited':{'nominalConcurrencyShares':-1,'lendablePercent':101,'borrowingLimitPercent':-1,'limitResponse':{'type':'Reject'}}} | spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer; spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive; spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer
          x | {'type':'Limited','limited':{'limitResponse':{'type':'Some'}}} | spec.limited.limitResponse.type: Unsupported value: "Some": supported values: "Queue", "Reject"
          x | {'type':'Limited','limited':{'limitResponse':{'type':'Queue'}}} | spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited
          x | {'type':'Limited','limited':{'limitResponse':{'type':'Reject','queuing':{}}}} | spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited
          x | {'type':'Limited','limited':{'limitResponse':{'type':'Queue','queuing':{'queues':64,'handSize':10}}}} | ^^
          x | {'type':'Limited','limited':{'limitResponse':{'type':'Queue','queuing':{'queues':64,'handSize':11}}}} | spec.limited.limitResponse.queuing.handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60
          x | {'type':'Limited','limited':{'limitResponse':{'type':'Queue','queuing':{'queues':10000001,'handSize':1,'queueLengthLimit':-1}}}} | spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive; spec.limited.limitResponse.queuing.queues: Invalid value: 10000001: must not be greater than 10000000
          exempt | {'type':'Exempt','exempt':{'nominalConcurrencyShares':5,'lendablePercent':10}} | ^^
          exempt | {'type':'Exempt','exempt':{'nominalConcurrencyShares':-1}} | spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer
          exempt | {'type':'Exempt','limited':{}} | spec.limited: Forbidden: must be nil if the type is not Limited; spec: Invalid value: {"type":"Exempt","limited":{},"exempt":{"nominalConcurrencyShares":0,"lendablePercent":0}}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value
          catch-all | {'type':'Limited','limited':{'nominalConcurrencyShares':6,'limitResponse':{'type':'Reject'}}} | spec: Invalid value: {"type":"Limited","limited":{"nominalConcurrencyShares":6,"limitResponse":{"type":"Reject"},"lendablePercent":0}}: spec of 'catch-all' must equal the fixed value
          catch-all | {'type':'Limited','limited':{'nominalConcurrencyShares':5,'limitResponse':{'type':'Reject'}}} | ^^
          """)
  void checksLevels(String name, String spec, String complaint) {
    assertThat(String.join("; ", complaints(LEVELS, named(name, spec)))).isEqualTo(complaint);
  }

  @Test
  void fixesTheMandatorySchemas() {
    for (Obj schema : DefaultFlows.FLOW_SCHEMAS) {
      String name = schema.obj("metadata").string("name");
      Obj other = schema.withAt(3L, "spec", "matchingPrecedence");
      assertThat(complaints(SCHEMAS, other).toString().contains("must equal the fixed value"))
          .as(name)
          .isEqualTo(Stream.of("exempt", "catch-all").anyMatch(name::equals));
    }
  }

  @Test
  void findsNothingWrongWithTheDefaults() {
    assertThat(DefaultFlows.FLOW_SCHEMAS).hasSize(13);
    assertThat(DefaultFlows.FLOW_SCHEMAS)
        .allSatisfy(each -> assertThat(complaints(SCHEMAS, each)).isEmpty());
    assertThat(DefaultFlows.PRIORITY_LEVELS).hasSize(8);
    assertThat(DefaultFlows.PRIORITY_LEVELS)
        .allSatisfy(each -> assertThat(complaints(LEVELS, each)).isEmpty())
        .allSatisfy(each -> assertThat(Manifests.defaulted(LEVELS, each)).isEqualTo(each));
    assertThat(DefaultFlows.FLOW_SCHEMAS)
        .extracting(each -> each.at("spec", "priorityLevelConfiguration").string("name"))
        .isSubsetOf(
            DefaultFlows.PRIORITY_LEVELS.stream()
                .map(each -> each.obj("metadata").string("name"))
                .toList());
  }
}
