package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DefaultsTest {
  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  private static Obj defaulted(ResourceDefinition definition, String object) {
    return definition.strategy().defaults(json(object));
  }

  @Test
  void pod() {
    assertThat(
            defaulted(
                PodKind.DEFINITION,
                "{'spec':{'containers':[{'name':'c','image':'hello','ports':[{'containerPort':80}]}]}}"))
        .isEqualTo(
            json(
                """
                {'spec':{
                  'containers':[{'name':'c','image':'hello','imagePullPolicy':'Always','resources':{},
                    'ports':[{'containerPort':80,'protocol':'TCP'}],
                    'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File'}],
                  'restartPolicy':'Always','terminationGracePeriodSeconds':30,'dnsPolicy':'ClusterFirst',
                  'securityContext':{},'schedulerName':'default-scheduler','enableServiceLinks':true}}"""));
  }

  @Test
  void probesAndVolumesAndRequests() {
    Obj spec =
        defaulted(
                PodKind.DEFINITION,
                """
                {'spec':{'hostNetwork':true,'serviceAccountName':'sa',
                 'volumes':[{'name':'a','configMap':{'name':'m'}},{'name':'b'},
                  {'name':'c','projected':{'sources':[{'serviceAccountToken':{'path':'t'}}]}},
                  {'name':'d','hostPath':{'path':'/x'}},{'name':'e','secret':{'secretName':'s','defaultMode':256}}],
                 'containers':[{'name':'c','image':'i:1','ports':[{'containerPort':80}],
                  'env':[{'name':'IP','valueFrom':{'fieldRef':{'fieldPath':'status.podIP'}}}],
                  'livenessProbe':{'httpGet':{'port':80}},
                  'resources':{'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'100m'}}}]}}""")
            .obj("spec");
    Obj container = spec.objs("containers").getFirst();
    assertThat(container.obj("livenessProbe"))
        .isEqualTo(
            json(
                "{'httpGet':{'port':80,'path':'/','scheme':'HTTP'},'timeoutSeconds':1,'periodSeconds':10,'successThreshold':1,'failureThreshold':3}"));
    assertThat(container.obj("resources").obj("requests"))
        .isEqualTo(json("{'cpu':'100m','memory':'1Gi'}"));
    assertThat(container.objs("ports").getFirst().number("hostPort", 0)).isEqualTo(80);
    assertThat(container.objs("env").getFirst().at("valueFrom", "fieldRef").string("apiVersion"))
        .isEqualTo("v1");
    assertThat(spec.string("serviceAccount")).isEqualTo("sa");
    List<Obj> volumes = spec.objs("volumes");
    assertThat(volumes.get(0).obj("configMap").number("defaultMode", 0)).isEqualTo(420);
    assertThat(volumes.get(1).has("emptyDir")).isTrue();
    assertThat(volumes.get(2).obj("projected").objs("sources").getFirst())
        .isEqualTo(json("{'serviceAccountToken':{'path':'t','expirationSeconds':3600}}"));
    assertThat(volumes.get(3).obj("hostPath").string("type", "missing")).isEmpty();
    assertThat(volumes.get(4).obj("secret").number("defaultMode", 0)).isEqualTo(256);
  }

  @ParameterizedTest
  @CsvSource({
    "hello,Always",
    "hello:latest,Always",
    "hello:1,IfNotPresent",
    "reg:5000/hello,Always",
    "reg:5000/hello:1,IfNotPresent",
    "hello@sha256:abc,IfNotPresent",
    "a/b:latest,Always"
  })
  void pullPolicyFollowsTheTag(String image, String policy) {
    assertThat(PodSpecDefaults.pullPolicy(image)).isEqualTo(policy);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          BestEffort | {}
          Burstable  | {'requests':{'cpu':'1'}}
          Burstable  | {'limits':{'cpu':'1'},'requests':{'cpu':'1'}}
          Guaranteed | {'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'1000m','memory':'1024Mi'}}
          Burstable  | {'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'0.5','memory':'1Gi'}}
          """)
  void qualityOfService(String expected, String resources) {
    assertThat(PodQos.of(json("{'containers':[{'resources':" + resources + "}]}")))
        .isEqualTo(expected);
  }

  @Test
  void deployment() {
    Obj spec =
        defaulted(
                DeploymentKind.DEFINITION,
                "{'spec':{'strategy':{},'template':{'spec':{'containers':[{'name':'c','image':'i:1'}]}}}}")
            .obj("spec");
    assertThat(spec.without("template"))
        .isEqualTo(
            json(
                """
                {'replicas':1,'revisionHistoryLimit':10,'progressDeadlineSeconds':600,
                 'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':'25%','maxSurge':'25%'}}}"""));
    assertThat(spec.at("template", "spec").has("enableServiceLinks")).isFalse();
    assertThat(spec.at("template", "spec").string("restartPolicy")).isEqualTo("Always");
    Obj recreate =
        defaulted(
            DeploymentKind.DEFINITION, "{'spec':{'replicas':0,'strategy':{'type':'Recreate'}}}");
    assertThat(recreate.at("spec", "strategy")).isEqualTo(json("{'type':'Recreate'}"));
    assertThat(recreate.obj("spec").number("replicas", 9)).isZero();
  }

  @Test
  void service() {
    assertThat(defaulted(ServiceKind.DEFINITION, "{'spec':{'ports':[{'port':80}]}}").obj("spec"))
        .isEqualTo(
            json(
                """
                {'ports':[{'port':80,'protocol':'TCP','targetPort':80}],'type':'ClusterIP','sessionAffinity':'None',
                 'internalTrafficPolicy':'Cluster'}"""));
    assertThat(
            defaulted(
                    ServiceKind.DEFINITION, "{'spec':{'type':'ExternalName','externalName':'a.b'}}")
                .obj("spec"))
        .isEqualTo(json("{'type':'ExternalName','externalName':'a.b','sessionAffinity':'None'}"));
  }

  @Test
  void secretTakesTextIntoItsData() {
    assertThat(
            defaulted(
                SecretKind.DEFINITION, "{'data':{'a':'MQ=='},'stringData':{'b':'2','a':'3'}}"))
        .isEqualTo(json("{'data':{'a':'Mw==','b':'Mg=='},'type':'Opaque'}"));
  }

  static List<ResourceDefinition> kinds() {
    return BuiltInKinds.all();
  }

  /** So that an update which sends back what it read changes nothing. */
  @ParameterizedTest
  @MethodSource("kinds")
  void defaultingTwiceChangesNothing(ResourceDefinition definition) {
    Obj object =
        json(
            """
            {'metadata':{'name':'x','namespace':'default'},'spec':{'type':'LoadBalancer','sessionAffinity':'ClientIP',
             'ports':[{'port':1}],'containers':[{'name':'c','image':'i','livenessProbe':{'grpc':{'port':1}}}],
             'volumes':[{'name':'v','downwardAPI':{'items':[{'path':'p','fieldRef':{'fieldPath':'x'}}]}}],
             'template':{'spec':{'containers':[{'name':'c'}]}}},
             'subsets':[{'ports':[{'port':1}]}],'ports':[{'port':1}],'stringData':{'a':'b'}}""");
    Obj once = definition.strategy().defaults(object);
    assertThat(definition.strategy().defaults(once)).isEqualTo(once);
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      textBlock =
          """
          {'limits':{'cpu':'2','memory':'1Gi'}} | {'requests':{'cpu':'500m'}} | {'limits':{'cpu':'2','memory':'1Gi'},'requests':{'cpu':'500m','memory':'1Gi'}}
          {'limits':{'cpu':'2'},'requests':{'cpu':'1'}} | {'requests':{'cpu':'500m','memory':'1Mi'}} | {'limits':{'cpu':'2'},'requests':{'cpu':'1','memory':'1Mi'}}
          {'requests':{'cpu':'1'}} | {'requests':{'memory':'1Mi'}} | {'requests':{'cpu':'1'}}
          {'requests':{'cpu':'1'}} | {'limits':{'hugepages-2Mi':'4Mi'}} | {'requests':{'cpu':'1','hugepages-2Mi':'4Mi'},'limits':{'hugepages-2Mi':'4Mi'}}
          {} | {'limits':{'cpu':'1'}} | {}
          """)
  void resourcesOfAPodAsAWhole(String ofPod, String ofContainer, String filled) {
    Obj pod =
        defaulted(
            PodKind.DEFINITION,
            "{'spec':{'resources':%s,'containers':[{'name':'c','image':'i','resources':%s}]}}"
                .formatted(ofPod, ofContainer));
    assertThat(pod.at("spec", "resources")).isEqualTo(json(filled));
  }
}
