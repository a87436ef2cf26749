package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksTest {
  private static final String POD =
      """
      {'metadata':{'name':'p','namespace':'default'},
       'spec':{'volumes':[{'name':'v','emptyDir':{}}],
        'containers':[{'name':'c','image':'i:1','ports':[{'containerPort':80,'name':'http'}],
         'volumeMounts':[{'name':'v','mountPath':'/v'}],'env':[{'name':'A','value':'1'}],
         'resources':{'requests':{'cpu':'100m'},'limits':{'cpu':'1'}},
         'readinessProbe':{'tcpSocket':{'port':'http'}}}]}}\
      """;

  private static final String DEPLOYMENT =
      """
      {'metadata':{'name':'d','namespace':'default'},
       'spec':{'selector':{'matchLabels':{'app':'web'}},
        'template':{'metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'c','image':'i:1'}]}}}}\
      """;

  private static final String SERVICE =
      "{'metadata':{'name':'s','namespace':'default'},'spec':{'type':'NodePort','ports':[{'port':80}]}}";

  @Test
  void goodObjectsPass() {
    assertThat(complaints(PodKind.DEFINITION, json(POD))).isEmpty();
    assertThat(complaints(DeploymentKind.DEFINITION, json(DEPLOYMENT))).isEmpty();
    assertThat(complaints(ReplicaSetKind.DEFINITION, json(DEPLOYMENT))).isEmpty();
    assertThat(complaints(ServiceKind.DEFINITION, json(SERVICE))).isEmpty();
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec/containers | [] | spec.containers: Required value
          spec/containers/0/name | '' | spec.containers[0].name: Required value
          spec/containers/0/name | 'A_b' | spec.containers[0].name: Invalid value: "A_b": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
          spec/containers/0/image | '' | spec.containers[0].image: Required value
          spec/containers/0/image | ' i' | spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace
          spec/containers/0/imagePullPolicy | 'Sometimes' | spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"
          spec/containers/0/ports/0/containerPort | 70000 | spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive
          spec/containers/0/ports/0/protocol | 'X' | spec.containers[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"
          spec/containers/0/ports/0/name | 'a-very-long-port-name' | spec.containers[0].ports[0].name: Invalid value: "a-very-long-port-name": must be no more than 15 bytes
          spec/containers/0/resources/requests/cpu | 'abc' | spec.containers[0].resources.requests[cpu]: Invalid value: "abc": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
          spec/containers/0/resources/requests/cpu | '-1' | spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0
          spec/containers/0/resources/requests/cpu | '2' | spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1
          spec/containers/0/volumeMounts/0/name | 'w' | spec.containers[0].volumeMounts[0].name: Not found: "w"
          spec/containers/0/volumeMounts/0/mountPath | '' | spec.containers[0].volumeMounts[0].mountPath: Required value
          spec/containers/0/env/0/name | '' | spec.containers[0].env[0].name: Required value
          spec/containers/0/readinessProbe | {} | spec.containers[0].readinessProbe: Required value: must specify a handler type
          spec/containers/0/livenessProbe | {'exec':{'command':['x']},'successThreshold':2} | spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1
          spec/restartPolicy | 'Maybe' | spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"
          spec/dnsPolicy | 'Maybe' | spec.dnsPolicy: Unsupported value: "Maybe": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"
          spec/terminationGracePeriodSeconds | -1 | spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0
          spec/nodeSelector | {'a':'b c'} | spec.nodeSelector: Invalid value: "b c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
          spec/tolerations | [{'key':'a','operator':'Is'}] | spec.tolerations[0].operator: Unsupported value: "Is": supported values: "Equal", "Exists"
          """)
  void podsAreChecked(String path, String value, String complaint) {
    assertThat(complaints(PodKind.DEFINITION, with(POD, path, value))).containsExactly(complaint);
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec/selector | {} | spec.selector: Invalid value: {}: empty selector is invalid for deployment
          spec/selector | {'matchLabels':{'app':'other'}} | spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`
          spec/replicas | -1 | spec.replicas: Invalid value: -1: must be greater than or equal to 0
          spec/template/spec/restartPolicy | 'Never' | spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"
          spec/strategy | {'type':'Recreate','rollingUpdate':{}} | spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'
          spec/strategy | {'rollingUpdate':{'maxSurge':0,'maxUnavailable':0}} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0
          spec/strategy | {'rollingUpdate':{'maxSurge':'ten'}} | spec.strategy.rollingUpdate.maxSurge: Invalid value: "ten": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')
          spec/progressDeadlineSeconds | 0 | spec.progressDeadlineSeconds: Invalid value: 0: must be greater than minReadySeconds
          spec/template/spec/containers/0/image | '' | spec.template.spec.containers[0].image: Required value
          """)
  void deploymentsAreChecked(String path, String value, String complaint) {
    assertThat(complaints(DeploymentKind.DEFINITION, with(DEPLOYMENT, path, value)))
        .containsExactly(complaint);
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          spec/ports | [] | spec.ports: Required value
          spec/ports/0/port | 0 | spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive
          spec/ports | [{'port':1},{'port':2,'name':'b'}] | spec.ports[0].name: Required value
          spec/type | 'Odd' | spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"
          spec | {'type':'ClusterIP','ports':[{'port':80,'nodePort':30000}]} | spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'
          spec | {'type':'ExternalName'} | spec.externalName: Required value
          spec/sessionAffinity | 'Sticky' | spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"
          spec/selector | {'-a':'b'} | spec.selector: Invalid value: "-a": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
          """)
  void servicesAreChecked(String path, String value, String complaint) {
    List<String> complaints = complaints(ServiceKind.DEFINITION, with(SERVICE, path, value));
    if (path.equals("spec/ports/0/port")) {
      assertThat(complaints).contains(complaint); // the target port follows it
    } else {
      assertThat(complaints).containsExactly(complaint);
    }
  }

  @Test
  void selectorsAreImmutable() {
    assertThat(
            changes(
                DeploymentKind.DEFINITION,
                json(DEPLOYMENT),
                with(DEPLOYMENT, "spec/selector", "{'matchLabels':{'x':'y'}}")))
        .containsExactly(
            "spec.selector: Invalid value: {\"matchLabels\":{\"x\":\"y\"}}: field is immutable");
  }

  @Test
  void runningPodsChangeLittle() {
    assertThat(
            changes(PodKind.DEFINITION, json(POD), with(POD, "spec/containers/0/image", "'i:2'")))
        .isEmpty();
    assertThat(
            changes(
                PodKind.DEFINITION,
                json(POD),
                with(POD, "spec/tolerations", "[{'key':'a','operator':'Exists'}]")))
        .isEmpty();
    assertThat(changes(PodKind.DEFINITION, json(POD), with(POD, "spec/hostNetwork", "true")))
        .singleElement()
        .asString()
        .startsWith("spec: Forbidden: pod updates may not change fields other than");
  }

  @Test
  void secretsAndConfigMaps() {
    assertThat(complaints(ConfigMapKind.DEFINITION, json("{'data':{'a b':'x'}}")))
        .singleElement()
        .asString()
        .startsWith("data[a b]: Invalid value: \"a b\": a valid config key must consist of");
    assertThat(
            complaints(
                SecretKind.DEFINITION,
                json("{'type':'kubernetes.io/tls','data':{'tls.crt':'MQ=='}}")))
        .containsExactly("data[tls.key]: Required value");
    assertThat(
            changes(
                ConfigMapKind.DEFINITION,
                json("{'immutable':true,'data':{'a':'1'}}"),
                json("{'immutable':true,'data':{'a':'2'}}")))
        .containsExactly("data: Forbidden: field is immutable when `immutable` is set");
    assertThat(changes(SecretKind.DEFINITION, json("{'type':'a'}"), json("{'type':'b'}")))
        .containsExactly("type: Invalid value: \"b\": field is immutable");
  }

  @ParameterizedTest
  @CsvSource({
    "DNS_SUBDOMAIN,a.b-c,true",
    "DNS_SUBDOMAIN,A,false",
    "DNS_SUBDOMAIN,a..b,false",
    "DNS_LABEL,a-1,true",
    "DNS_LABEL,1a,true",
    "DNS_LABEL,a.b,false",
    "DNS_LABEL,-a,false",
    "DNS_LABEL,1web,true",
    "PATH_SEGMENT,a:b,true",
    "PATH_SEGMENT,a/b,false",
    "PATH_SEGMENT,..,false"
  })
  void names(NameRule rule, String name, boolean good) {
    assertThat(rule.complaint(name).isEmpty()).isEqualTo(good);
  }

  @ParameterizedTest
  @CsvSource({
    "DNS_LABEL,a.b,must not contain dots",
    "DNS_LABEL,0123456789012345678901234567890123456789012345678901234567890123,must be no more"
        + " than 63 bytes",
    "PATH_SEGMENT,a%b,may not contain '%'",
    "PATH_SEGMENT,.,may not be '.'"
  })
  void saysOfNames(NameRule rule, String name, String complaint) {
    assertThat(rule.complaint(name)).contains(complaint);
  }

  @ParameterizedTest
  @CsvSource({"app,true", "example.com/app,true", "/app,false", "a/,false", "Ex/app,false"})
  void qualifiedNames(String name, boolean good) {
    Causes causes = new Causes();
    Labels.checkQualifiedName(name, "x", causes);
    assertThat(causes.isEmpty()).isEqualTo(good);
  }
}
