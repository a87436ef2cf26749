package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.master.registry.ResourceDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Autoscalers of which one field is bad, or just good enough. */
class HorizontalPodAutoscalerKindTest {
  private static final ResourceDefinition KIND = kind("horizontalpodautoscalers.autoscaling");
  private static final String GOOD =
      """
      {'metadata':{'name':'x','namespace':'default'},
       'spec':{'maxReplicas':2,
               'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'}}}""";

  private static void check(String object, String path, String value, String complaint) {
    assertThat(String.join("; ", complaints(KIND, with(object, path, value))))
        .isEqualTo(complaint.replace("METRIC", "spec.metrics[0]"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          spec/minReplicas | 0 | spec.minReplicas: Invalid value: 0: must be greater than or equal to 1
          spec/minReplicas | 3 | spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`
          spec/scaleTargetRef | {'kind':'Deployment','name':'x'} | spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group
          spec/scaleTargetRef | {'apiVersion':'v1','kind':'Deployment','name':'x'} | spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group
          spec/scaleTargetRef | {'apiVersion':'v1','kind':'ReplicationController','name':'x'} | ^^
          spec/scaleTargetRef/apiVersion | 'a/b/c' | spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c
          spec/scaleTargetRef/name | 'a/b' | spec.scaleTargetRef.name: Invalid value: "a/b": may not contain '/'
          spec/scaleTargetRef/kind | '..' | spec.scaleTargetRef.kind: Invalid value: "..": may not be '..'
          spec/behavior/scaleUp/stabilizationWindowSeconds | -1 | spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero
          spec/behavior/scaleUp/selectPolicy | 'Some' | spec.behavior.scaleUp.selectPolicy: Unsupported value: "Some": supported values: "Disabled", "Max", "Min"
          spec/behavior/scaleUp/policies | [] | spec.behavior.scaleUp.policies: Required value: must specify at least one Policy
          spec/behavior/scaleDown/policies | [{'type':'Pods','value':1,'periodSeconds':1801}] | spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800
          spec/behavior/scaleDown/policies | [{'value':1,'periodSeconds':0}] | spec.behavior.scaleDown.policies[0].type: Unsupported value: "": supported values: "Percent", "Pods"; spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero
          spec/behavior/scaleDown/tolerance | '-0.1' | spec.behavior.scaleDown.tolerance: Invalid value: "-0.1": must be greater than or equal to 0
          spec/behavior/scaleDown/tolerance | '0.05' | ^^
          """)
  void checks(String path, String value, String complaint) {
    check(GOOD, path, value, complaint);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {} | METRIC.type: Required value: must specify a metric source type; METRIC.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"
          {'type':'Some'} | METRIC.type: Unsupported value: "Some": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"
          {'type':'Pods'} | METRIC.pods: Required value: must populate information for the given metric source
          {'type':'Pods','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':1}}} | METRIC.pods: Required value: must populate information for the given metric source
          {'type':'Resource','pods':{'metric':{'name':'m'},'target':{'type':'AverageValue','averageValue':'1'}},'resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':1}}} | METRIC.pods: Forbidden: must populate the given metric source only
          {'type':'Resource','resource':{'target':{'type':'Utilization','averageUtilization':1}}} | METRIC.resource.name: Required value: must specify a resource name
          {'type':'Resource','resource':{'name':'cpu','target':{'averageUtilization':1}}} | METRIC.resource.target.type: Required value: must specify a metric target type; METRIC.resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue
          {'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':0}}} | METRIC.resource.target.averageUtilization: Invalid value: 0: must be greater than 0
          {'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':1,'averageValue':'1'}}} | METRIC.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization
          {'type':'ContainerResource','containerResource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':1}}} | METRIC.containerResource.container: Required value: must specify a container
          {'type':'ContainerResource','containerResource':{'name':'cpu','container':'A','target':{'type':'Utilization','averageUtilization':1}}} | METRIC.containerResource.container: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
          {'type':'Object','object':{'describedObject':{'kind':'Service','name':'s','apiVersion':'v1'},'metric':{'name':'m'},'target':{'type':'Value','value':'1'}}} | ^^
          {'type':'Object','object':{'describedObject':{'kind':'Service','name':'s'},'metric':{'name':'m'},'target':{'type':'Value'}}} | METRIC.object.target.averageValue: Required value: must set either a target value or averageValue
          {'type':'Object','object':{'describedObject':{'kind':'Service'},'metric':{'name':'m'},'target':{'type':'Value','value':'0'}}} | METRIC.object.describedObject.name: Required value; METRIC.object.target.value: Invalid value: "0": must be positive
          {'type':'Pods','pods':{'metric':{},'target':{'type':'AverageValue','averageValue':'1'}}} | METRIC.pods.metric.name: Required value: must specify a metric name
          {'type':'Pods','pods':{'metric':{'name':'a/b'},'target':{'type':'AverageValue','averageValue':'1'}}} | METRIC.pods.metric.name: Invalid value: "a/b": may not contain '/'
          {'type':'External','external':{'metric':{'name':'m'},'target':{'type':'Value'}}} | METRIC.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target
          {'type':'External','external':{'metric':{'name':'m'},'target':{'type':'Value','value':'1','averageValue':'1'}}} | METRIC.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target
          """)
  void checksMetrics(String metric, String complaint) {
    check(GOOD, "spec/metrics", "[" + metric + "]", complaint);
  }

  @Test
  void fillsInBothDirectionsWhereOneIsGiven() {
    assertThat(
            defaulted(KIND, with(GOOD, "spec/behavior", "{'scaleDown':{'selectPolicy':'Min'}}"))
                .at("spec", "behavior"))
        .isEqualTo(
            json(
                """
                {'scaleDown':{'selectPolicy':'Min',
                   'policies':[{'type':'Percent','value':100,'periodSeconds':15}]},
                 'scaleUp':{'selectPolicy':'Max','stabilizationWindowSeconds':0,
                   'policies':[{'type':'Pods','value':4,'periodSeconds':15},
                               {'type':'Percent','value':100,'periodSeconds':15}]}}"""));
  }
}
