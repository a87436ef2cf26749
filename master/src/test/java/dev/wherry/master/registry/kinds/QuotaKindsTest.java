package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quotas and limit ranges that are bad, or just good enough. */
class QuotaKindsTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'hard':{'requests.example.com/gpu':'1','count/jobs.batch':'2','hugepages-2Mi':'2Mi'}} | ^^
          {'hard':{'storage':'1Gi'}} | spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota
          {'hard':{'count/jobs.batch':'1.5'}} | spec.hard[count/jobs.batch]: Invalid value: "1.5": must be an integer
          {'hard':{'pods':'1'},'scopes':['Terminating','NotTerminating']} | spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes
          {'hard':{'secrets':'1'},'scopes':['PriorityClass']} | spec.scopes: Invalid value: ["PriorityClass"]: unsupported scope applied to resource
          {'hard':{'pods':'1'},'scopeSelector':{'matchExpressions':[{'scopeName':'Some','operator':'Exists'}]}} | spec.scopeSelector.matchExpressions.scopeName: Invalid value: "Some": unsupported scope
          {'hard':{'pods':'1'},'scopeSelector':{'matchExpressions':[{'scopeName':'PriorityClass'}]}} | spec.scopeSelector.matchExpressions.operator: Invalid value: "": not a valid selector operator
          {'hard':{'pods':'1'},'scopeSelector':{'matchExpressions':[{'scopeName':'PriorityClass','operator':'In'}]}} | spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector
          {'hard':{'pods':'1'},'scopeSelector':{'matchExpressions':[{'scopeName':'BestEffort','operator':'In','values':['a']}]}} | spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity
          """)
  void checksQuotas(String spec, String complaint) {
    assertThat(String.join("; ", complaints(kind("resourcequotas"), json("{'spec':" + spec + "}"))))
        .isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'scopes':['BestEffort','Terminating']} | {'scopes':['Terminating','BestEffort']} | ^^
          {'scopes':['BestEffort']} | {'scopes':['NotBestEffort']} | spec.scopes: Invalid value: ["NotBestEffort"]: field is immutable
          {'scopeSelector':{}} | {} | ^^
          """)
  void keepsTheScopesOfQuotas(String before, String after, String complaint) {
    assertThat(
            String.join(
                "; ",
                changes(
                    kind("resourcequotas"),
                    json("{'spec':" + before + "}"),
                    json("{'spec':" + after + "}"))))
        .isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'hard':{'pods':'2'},'used':{'pods':'1'}} | ^^
          {'hard':{'pods':'-1'}} | status.hard[pods]: Invalid value: "-1": must be greater than or equal to 0
          {'used':{'disks':'1'}} | status.used[disks]: Invalid value: "disks": must be a standard resource type or fully qualified; status.used[disks]: Invalid value: "disks": must be a standard resource for quota
          """)
  void checksTheStatusOfQuotas(String status, String complaint) {
    Causes causes = new Causes();
    Obj quota = json("{'status':" + status + "}");
    kind("resourcequotas").strategy().checkStatusUpdate(quota, quota, causes);
    assertThat(causes.list().stream().map(Cause::toString).collect(Collectors.joining("; ")))
        .isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'type':'Container','min':{'cpu':'100m'},'default':{'cpu':'500m'},'defaultRequest':{'cpu':'200m'},'max':{'cpu':'1'},'maxLimitRequestRatio':{'cpu':'10'}} | ^^
          {'type':'Container','min':{'cpu':'2'},'max':{'cpu':'1'},'default':{'cpu':'1'},'defaultRequest':{'cpu':'1'}} | LIMIT.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1; LIMIT.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1; LIMIT.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1
          {'type':'Container','max':{'cpu':'1'},'defaultRequest':{'cpu':'2'}} | LIMIT.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1; LIMIT.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1
          {'type':'Container','max':{'cpu':'1'},'default':{'cpu':'2'},'defaultRequest':{'cpu':'1'}} | LIMIT.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1
          {'type':'Container','min':{'memory':'512Mi'},'max':{'memory':'2Gi'},'maxLimitRequestRatio':{'memory':'10'}} | LIMIT.maxLimitRequestRatio[memory]: Invalid value: "10": ratio 10 is greater than max/min = 4.000000
          {'type':'Container','default':{'example.com/gpu':'2'},'defaultRequest':{'example.com/gpu':'1'}} | LIMIT.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu
          {'type':'Container','max':{'storage':'1Gi'}} | LIMIT.max[storage]: Invalid value: "storage": must be a standard resource for containers; LIMIT.default[storage]: Invalid value: "storage": must be a standard resource for containers; LIMIT.defaultRequest[storage]: Invalid value: "storage": must be a standard resource for containers
          {'type':'PersistentVolumeClaim','max':{'storage':'1Gi'}} | ^^
          {'type':'Pod','defaultRequest':{'cpu':'1'}} | LIMIT.defaultRequest: Forbidden: may not be specified when `type` is 'Pod'
          {'type':'Pod','max':{'disks':'1'}} | LIMIT.max[disks]: Invalid value: "disks": must be a standard resource type or fully qualified; LIMIT.max[disks]: Invalid value: "disks": must be a standard resource for containers
          {'type':'example.com/Thing','max':{'storage':'1Gi'}} | ^^
          """)
  void checksLimitRanges(String limit, String complaint) {
    Obj range = json("{'spec':{'limits':[" + limit + "]}}");
    assertThat(String.join("; ", complaints(kind("limitranges"), range)))
        .isEqualTo(complaint.replace("LIMIT", "spec.limits[0]"));
  }
}
