package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Tables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablesTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:10:05Z");

  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  /** The cells of one row; wide ones behind a bar. */
  private static String row(ResourceDefinition definition, String object) {
    Obj table = Tables.render(definition, List.of(json(object)), NOW);
    List<Object> cells = table.objs("rows").getFirst().list("cells");
    List<String> plain = new ArrayList<>();
    List<String> wide = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      Column column = definition.columns().get(i);
      (column.priority() == 0 ? plain : wide).add(String.valueOf(cells.get(i)));
    }
    return String.join(" ", plain) + (wide.isEmpty() ? "" : " | " + String.join(" ", wide));
  }

  private static final String META =
      "'metadata':{'name':'x','creationTimestamp':'2026-01-01T00:00:00Z'}";

  @Test
  void deployment() {
    assertThat(
            row(
                DeploymentKind.DEFINITION,
                "{"
                    + META
                    + """
                    ,'spec':{'replicas':3,'selector':{'matchLabels':{'app':'web'}},
                    'template':{'spec':{'containers':[{'name':'a','image':'i:1'},{'name':'b','image':'j:2'}]}}},
                    'status':{'readyReplicas':1,'updatedReplicas':2,'availableReplicas':1}}"""))
        .isEqualTo("x 1/3 2 1 10m | a,b i:1,j:2 app=web");
  }

  @Test
  void service() {
    assertThat(
            row(
                ServiceKind.DEFINITION,
                "{"
                    + META
                    + """
                    ,'spec':{'type':'NodePort','clusterIP':'10.43.0.7','selector':{'a':'b','c':'d'},
                    'ports':[{'port':80,'nodePort':30080,'protocol':'TCP'},{'port':53,'protocol':'UDP'}]}}"""))
        .isEqualTo("x NodePort 10.43.0.7 <none> 80:30080/TCP,53/UDP 10m | a=b,c=d");
    assertThat(row(ServiceKind.DEFINITION, "{" + META + ",'spec':{'type':'LoadBalancer'}}"))
        .isEqualTo("x LoadBalancer <none> <pending> <none> 10m | <none>");
  }

  @Test
  void node() {
    assertThat(
            row(
                NodeKind.DEFINITION,
                """
                {'metadata':{'name':'n','creationTimestamp':'2026-01-01T00:00:00Z',
                 'labels':{'node-role.kubernetes.io/control-plane':'','node-role.kubernetes.io/edge':''}},
                 'spec':{'unschedulable':true},
                 'status':{'conditions':[{'type':'Ready','status':'True'}],
                 'addresses':[{'type':'InternalIP','address':'192.168.1.5'}],
                 'nodeInfo':{'kubeletVersion':'v1.33.0','osImage':'Debian','kernelVersion':'6.1','containerRuntimeVersion':'podman://4.3'}}}"""))
        .isEqualTo(
            "n Ready,SchedulingDisabled control-plane,edge 10m v1.33.0 | 192.168.1.5 <none> Debian"
                + " 6.1 podman://4.3");
  }

  @Test
  void smallKinds() {
    assertThat(row(NamespaceKind.DEFINITION, "{" + META + ",'status':{'phase':'Active'}}"))
        .isEqualTo("x Active 10m");
    assertThat(row(ConfigMapKind.DEFINITION, "{" + META + ",'data':{'a':'1','b':'2'}}"))
        .isEqualTo("x 2 10m");
    assertThat(row(SecretKind.DEFINITION, "{" + META + ",'type':'Opaque','data':{'a':'MQ=='}}"))
        .isEqualTo("x Opaque 1 10m");
    assertThat(row(ServiceAccountKind.DEFINITION, "{" + META + "}")).isEqualTo("x 0 10m");
    assertThat(row(LeaseKind.DEFINITION, "{" + META + ",'spec':{'holderIdentity':'n'}}"))
        .isEqualTo("x n 10m");
    assertThat(
            row(
                ReplicaSetKind.DEFINITION,
                "{" + META + ",'spec':{'replicas':2},'status':{'replicas':1,'readyReplicas':1}}"))
        .startsWith("x 2 1 1 10m");
  }

  @Test
  void endpointsAndSlices() {
    assertThat(
            row(
                EndpointsKind.DEFINITION,
                "{"
                    + META
                    + ",'subsets':[{'addresses':[{'ip':'1.1.1.1'},{'ip':'1.1.1.2'},{'ip':'1.1.1.3'},{'ip':'1.1.1.4'}],'ports':[{'port':80}]}]}"))
        .isEqualTo("x 1.1.1.1:80,1.1.1.2:80,1.1.1.3:80 + 1 more... 10m");
    assertThat(
            row(
                EndpointSliceKind.DEFINITION,
                "{"
                    + META
                    + ",'addressType':'IPv4','ports':[{'port':80}],'endpoints':[{'addresses':['1.1.1.1']}]}"))
        .isEqualTo("x IPv4 80 1.1.1.1 10m");
    assertThat(row(EndpointSliceKind.DEFINITION, "{" + META + ",'addressType':'IPv4'}"))
        .isEqualTo("x IPv4 <unset> <unset> 10m");
  }

  @Test
  void event() {
    assertThat(
            row(
                EventKind.DEFINITION,
                "{"
                    + META
                    + """
                    ,'involvedObject':{'kind':'Pod','name':'p','fieldPath':'spec.containers{c}'},'type':'Normal',
                    'reason':'Started','message':'Started container c','count':3,'source':{'component':'kubelet','host':'n'},
                    'firstTimestamp':'2026-01-01T00:00:05Z','lastTimestamp':'2026-01-01T00:10:00Z'}"""))
        .isEqualTo(
            "5s Normal Started pod/p Started container c | spec.containers{c} kubelet, n 10m 3 x");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          pending          | 0/1 Pending 0 | {'phase':'Pending'}
          pulling          | 0/1 ImagePullBackOff 0 | {'phase':'Pending','containerStatuses':[{'state':{'waiting':{'reason':'ImagePullBackOff'}}}]}
          running          | 1/1 Running 0 | {'phase':'Running','containerStatuses':[{'ready':true,'state':{'running':{}}}]}
          crashing         | 0/1 CrashLoopBackOff 3 (5s ago) | {'phase':'Running','containerStatuses':[{'restartCount':3,'state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{'finishedAt':'2026-01-01T00:10:00Z'}}}]}
          failed           | 0/1 Error 0 | {'phase':'Failed','containerStatuses':[{'state':{'terminated':{'reason':'Error','exitCode':1}}}]}
          exit code        | 0/1 ExitCode:3 0 | {'phase':'Failed','containerStatuses':[{'state':{'terminated':{'exitCode':3}}}]}
          signal           | 0/1 Signal:9 0 | {'phase':'Failed','containerStatuses':[{'state':{'terminated':{'signal':9,'exitCode':137}}}]}
          completed        | 0/1 Completed 0 | {'phase':'Succeeded','containerStatuses':[{'state':{'terminated':{'reason':'Completed'}}}]}
          evicted          | 0/1 Evicted 0 | {'phase':'Failed','reason':'Evicted'}
          """)
  void podStatus(String name, String shown, String status) {
    String pod = "{" + META + ",'spec':{'containers':[{'name':'c'}]},'status':" + status + "}";
    assertThat(row(PodKind.DEFINITION, pod))
        .as(name)
        .isEqualTo("x " + shown + " 10m | <none> <none> <none> <none>");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          waiting          | 0/1 Init:0/2 0 | [{'name':'i','state':{'waiting':{'reason':'PodInitializing'}}},{'name':'j','state':{'waiting':{}}}]
          second           | 0/1 Init:1/2 0 | [{'name':'i','state':{'terminated':{'exitCode':0}}},{'name':'j','state':{'running':{}}}]
          failing          | 0/1 Init:Error 2 | [{'name':'i','restartCount':2,'state':{'terminated':{'exitCode':1,'reason':'Error'}}}]
          crashing         | 0/1 Init:CrashLoopBackOff 1 | [{'name':'i','restartCount':1,'state':{'waiting':{'reason':'CrashLoopBackOff'}}}]
          """)
  void podInitializing(String name, String shown, String statuses) {
    String pod =
        "{"
            + META
            + ",'spec':{'initContainers':[{'name':'i'},{'name':'j'}],'containers':[{'name':'c'}]},"
            + "'status':{'phase':'Pending','initContainerStatuses':"
            + statuses
            + "}}";
    assertThat(row(PodKind.DEFINITION, pod)).as(name).startsWith("x " + shown + " 10m");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          app runs         | Init:CrashLoopBackOff 3 | 'phase':'Running','containerStatuses':[{'state':{'running':{}},'restartCount':1}]
          app is done      | Completed 3 | 'phase':'Succeeded','containerStatuses':[{'state':{'terminated':{'reason':'Completed'}},'restartCount':1}]
          """)
  void podWhoseSidecarCrashesOnceItIsInitialized(String name, String shown, String status) {
    String pod =
        "{"
            + META
            + ",'spec':{'initContainers':[{'name':'i','restartPolicy':'Always'}],"
            + "'containers':[{'name':'c'}]},'status':{'conditions':"
            + "[{'type':'Initialized','status':'True'}],'initContainerStatuses':[{'name':'i',"
            + "'restartCount':2,'state':{'waiting':{'reason':'CrashLoopBackOff'}}}],"
            + status
            + "}}";
    assertThat(row(PodKind.DEFINITION, pod)).as(name).startsWith("x 0/2 " + shown + " 10m");
  }

  @Test
  void podTerminating() {
    assertThat(
            row(
                PodKind.DEFINITION,
                """
                {'metadata':{'name':'x','creationTimestamp':'2026-01-01T00:00:00Z','deletionTimestamp':'2026-01-01T00:10:30Z'},
                 'spec':{'nodeName':'n1','containers':[{'name':'c'}]},
                 'status':{'phase':'Running','podIP':'10.42.0.5','containerStatuses':[{'ready':true,'state':{'running':{}}}]}}"""))
        .isEqualTo("x 1/1 Terminating 0 10m | 10.42.0.5 n1 <none> <none>");
  }

  @Test
  void rowsCarryMetadata() {
    Obj table = Tables.render(PodKind.DEFINITION, List.of(json("{" + META + "}")), NOW);
    Obj object = table.objs("rows").getFirst().obj("object");
    assertThat(object.string("kind")).isEqualTo("PartialObjectMetadata");
    assertThat(object.obj("metadata").string("name")).isEqualTo("x");
    assertThat(table.objs("columnDefinitions").get(1).string("name")).isEqualTo("Ready");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          podtemplates | x c i a=b | 'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}
          csidrivers.storage.k8s.io | x true false false aud true Persistent,Ephemeral 10m | 'spec':{'attachRequired':true,'podInfoOnMount':false,'storageCapacity':false,'tokenRequests':[{'audience':'aud'}],'requiresRepublish':true,'volumeLifecycleModes':['Persistent','Ephemeral']}
          flowschemas.flowcontrol.apiserver.k8s.io | x low 500 ByUser 10m False | 'spec':{'priorityLevelConfiguration':{'name':'low'},'matchingPrecedence':500,'distinguisherMethod':{'type':'ByUser'}},'status':{'conditions':[{'type':'Dangling','status':'False'}]}
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | x Limited 30 64 8 50 10m | 'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':30,'limitResponse':{'queuing':{'queues':64,'handSize':8,'queueLengthLimit':50}}}}
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | x Exempt <none> <none> <none> <none> 10m | 'spec':{'type':'Exempt'}
          resourceclaims.resource.k8s.io | x pending 10m | 'spec':{}
          resourceclaims.resource.k8s.io | x allocated,reserved 10m | 'status':{'allocation':{},'reservedFor':[{'name':'p'}]}
          resourceslices.resource.k8s.io | x n d.example p 10m | 'spec':{'nodeName':'n','driver':'d.example','pool':{'name':'p'}}
          runtimeclasses.node.k8s.io | x runc 10m | 'handler':'runc'
          ingressclasses.networking.k8s.io | x a.b/c IngressParameters.example.com/p 10m | 'spec':{'controller':'a.b/c','parameters':{'apiGroup':'example.com','kind':'IngressParameters','name':'p'}}
          ipaddresses.networking.k8s.io | x services/default/web | 'spec':{'parentRef':{'resource':'services','namespace':'default','name':'web'}}
          servicecidrs.networking.k8s.io | x 10.0.0.0/16 10m | 'spec':{'cidrs':['10.0.0.0/16']}
          csinodes.storage.k8s.io | x 1 10m | 'spec':{'drivers':[{'name':'d'}]}
          csistoragecapacities.storage.k8s.io | x fast 1Gi | 'storageClassName':'fast','capacity':'1Gi'
          volumeattachments.storage.k8s.io | x a v n true 10m | 'spec':{'attacher':'a','nodeName':'n','source':{'persistentVolumeName':'v'}},'status':{'attached':true}
          volumeattributesclasses.storage.k8s.io | x d 10m | 'driverName':'d'
          storageclasses.storage.k8s.io | x p Delete Immediate false 10m | 'provisioner':'p','reclaimPolicy':'Delete','volumeBindingMode':'Immediate'
          priorityclasses.scheduling.k8s.io | x 7 false 10m Never | 'value':7,'preemptionPolicy':'Never'
          persistentvolumes | x 1Gi RWO Retain Bound ns/c fast <unset>  10m " Filesystem | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'persistentVolumeReclaimPolicy':'Retain','claimRef':{'namespace':'ns','name':'c'},'storageClassName':'fast','volumeMode':'Filesystem'},'status':{'phase':'Bound'}
          persistentvolumeclaims | x Bound v 1Gi RWX fast <unset> 10m " Filesystem | 'spec':{'volumeName':'v','storageClassName':'fast','volumeMode':'Filesystem'},'status':{'phase':'Bound','capacity':{'storage':'1Gi'},'accessModes':['ReadWriteMany']}
          poddisruptionbudgets.policy | x 1 N/A 2 10m | 'spec':{'minAvailable':1},'status':{'disruptionsAllowed':2}
          networkpolicies.networking.k8s.io | x a=b 10m | 'spec':{'podSelector':{'matchLabels':{'a':'b'}}}
          ingresses.networking.k8s.io | x web a.b 1.1.1.1 80, 443 10m | 'spec':{'ingressClassName':'web','tls':[{}],'rules':[{'host':'a.b'}]},'status':{'loadBalancer':{'ingress':[{'ip':'1.1.1.1'}]}}
          statefulsets.apps | x 1/2 10m " c i | 'spec':{'replicas':2,'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}},'status':{'readyReplicas':1}
          daemonsets.apps | x 2 2 1 2 1 a=b 10m " c i x=y | 'spec':{'selector':{'matchLabels':{'x':'y'}},'template':{'spec':{'nodeSelector':{'a':'b'},'containers':[{'name':'c','image':'i'}]}}},'status':{'desiredNumberScheduled':2,'currentNumberScheduled':2,'numberReady':1,'updatedNumberScheduled':2,'numberAvailable':1}
          replicationcontrollers | x 2 2 1 10m " c i a=b | 'spec':{'replicas':2,'selector':{'a':'b'},'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}},'status':{'replicas':2,'readyReplicas':1}
          jobs.batch | x Complete 1/1 5s 10m " c i u=1 | 'spec':{'completions':1,'selector':{'matchLabels':{'u':'1'}},'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}},'status':{'succeeded':1,'startTime':'2026-01-01T00:00:00Z','completionTime':'2026-01-01T00:00:05Z','conditions':[{'type':'Complete','status':'True'}]}
          cronjobs.batch | x * * * * * <none> False 0 <none> 10m " c i <none> | 'spec':{'schedule':'* * * * *','jobTemplate':{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}}}}
          horizontalpodautoscalers.autoscaling | x Deployment/web cpu: <unknown>/80% 1 3 0 10m | 'spec':{'scaleTargetRef':{'kind':'Deployment','name':'web'},'minReplicas':1,'maxReplicas':3,'metrics':[{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':80}}}]}
          controllerrevisions.apps | x daemonset.apps/d 3 10m | 'revision':3,'metadata':{'name':'x','creationTimestamp':'2026-01-01T00:00:00Z','ownerReferences':[{'apiVersion':'apps/v1','kind':'DaemonSet','name':'d','controller':true}]}
          certificatesigningrequests.certificates.k8s.io | x 10m a.b/c me 60m Approved,Issued | 'spec':{'signerName':'a.b/c','username':'me','expirationSeconds':3600},'status':{'conditions':[{'type':'Approved'}],'certificate':'MQ=='}
          resourcequotas | x pods: 1/2 limits.cpu: 0/1 10m | 'status':{'hard':{'pods':'2','limits.cpu':'1'},'used':{'pods':'1'}}
          rolebindings.rbac.authorization.k8s.io | x Role/r 10m " u g ns/s | 'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'User','name':'u'},{'kind':'Group','name':'g'},{'kind':'ServiceAccount','namespace':'ns','name':'s'}]
          clusterroles.rbac.authorization.k8s.io | x 2026-01-01T00:00:00Z | 'rules':[]
          limitranges | x 2026-01-01T00:00:00Z | 'spec':{}
          """)
  void showsEveryKind(String resource, String shown, String members) {
    String object = members.contains("'metadata':{'name'") ? "{" : "{" + META + ",";
    assertThat(row(Manifests.kind(resource), object + members + "}"))
        .isEqualTo(shown.replace('"', '|'));
  }
}
