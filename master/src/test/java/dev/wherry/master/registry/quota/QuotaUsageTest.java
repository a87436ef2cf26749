package dev.wherry.master.registry.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What single objects take of a quota. */
class QuotaUsageTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

  private static Obj json(String members) {
    return Json.read(("{" + members + "}").replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'spec':{'containers':[{'resources':{'requests':{'cpu':'1','ephemeral-storage':'1Gi'},'limits':{'memory':'1Gi'}}}]} | count/pods=1,cpu=1,ephemeral-storage=1Gi,limits.memory=1Gi,pods=1,requests.cpu=1,requests.ephemeral-storage=1Gi
          'spec':{'containers':[{'resources':{'requests':{'hugepages-2Mi':'4Mi','example.com/gpu':'2'}}}]} | count/pods=1,hugepages-2Mi=4Mi,pods=1,requests.example.com/gpu=2,requests.hugepages-2Mi=4Mi
          'metadata':{'deletionTimestamp':'2026-01-01T00:00:25Z','deletionGracePeriodSeconds':30},'spec':{} | count/pods=1
          'metadata':{'deletionTimestamp':'2026-01-01T00:00:35Z','deletionGracePeriodSeconds':30},'spec':{} | count/pods=1,pods=1
          'status':{'phase':'Succeeded'},'spec':{'containers':[{'resources':{'requests':{'cpu':'1'}}}]} | count/pods=1
          'spec':{'containers':[{'name':'c','resources':{'requests':{'cpu':'1'}}}]},'status':{'containerStatuses':[{'name':'c','resources':{'requests':{'cpu':'3'}}}]} | count/pods=1,cpu=3,pods=1,requests.cpu=3
          'spec':{'containers':[{'name':'c','resources':{'requests':{'cpu':'4'}}}]},'status':{'containerStatuses':[{'name':'c','allocatedResources':{'cpu':'2'},'resources':{'requests':{'cpu':'3'}}}]} | count/pods=1,cpu=4,pods=1,requests.cpu=4
          'spec':{'containers':[{'name':'c','resources':{'requests':{'cpu':'9'}}}]},'status':{'conditions':[{'type':'PodResizePending','reason':'Infeasible'}],'containerStatuses':[{'name':'c','allocatedResources':{'cpu':'2'},'resources':{'requests':{'cpu':'2'}}}]} | count/pods=1,cpu=2,pods=1,requests.cpu=2
          """)
  void podsTakeWhatTheyAskForAndWhatTheyHave(String members, String amounts) {
    assertThat(QuotaUsage.of(GroupResource.PODS, json(members), NOW)).hasToString(amounts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'type':'ClusterIP','ports':[{'port':1}] | count/services=1,services=1
          'type':'NodePort','ports':[{'port':1},{'port':2}] | count/services=1,services=1,services.nodeports=2
          'type':'LoadBalancer','ports':[{'port':1},{'port':2}] | count/services=1,services=1,services.loadbalancers=1,services.nodeports=2
          'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,'ports':[{'port':1},{'port':2,'nodePort':30000}] | count/services=1,services=1,services.loadbalancers=1,services.nodeports=1
          """)
  void servicesTakePorts(String spec, String amounts) {
    assertThat(QuotaUsage.of(GroupResource.SERVICES, json("'spec':{" + spec + "}"), NOW))
        .hasToString(amounts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'spec':{'storageClassName':'gold','resources':{'requests':{'storage':'2Gi'}}} | count/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/requests.storage=2Gi,persistentvolumeclaims=1,requests.storage=2Gi
          'metadata':{'annotations':{'volume.beta.kubernetes.io/storage-class':'old'}},'spec':{'resources':{'requests':{'storage':'1Gi'}}} | count/persistentvolumeclaims=1,old.storageclass.storage.k8s.io/persistentvolumeclaims=1,old.storageclass.storage.k8s.io/requests.storage=1Gi,persistentvolumeclaims=1,requests.storage=1Gi
          'spec':{'resources':{'requests':{'storage':'1Gi'}}},'status':{'allocatedResources':{'storage':'5Gi'}} | count/persistentvolumeclaims=1,persistentvolumeclaims=1,requests.storage=5Gi
          """)
  void claimsTakeStorageOfTheirClass(String members, String amounts) {
    assertThat(QuotaUsage.of(GroupResource.PERSISTENT_VOLUME_CLAIMS, json(members), NOW))
        .hasToString(amounts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'exactly':{'deviceClassName':'gpu','count':2}} | count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=2
          {'exactly':{'deviceClassName':'gpu','allocationMode':'All'}} | count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=32
          {'firstAvailable':[{'deviceClassName':'gpu','count':2},{'deviceClassName':'gpu'},{'deviceClassName':'tpu'}]},{'exactly':{'deviceClassName':'gpu'}} | count/resourceclaims.resource.k8s.io=1,gpu.deviceclass.resource.k8s.io/devices=3,tpu.deviceclass.resource.k8s.io/devices=1
          """)
  void claimsTakeDevicesOfEachClass(String requests, String amounts) {
    GroupResource claims = new GroupResource("resource.k8s.io", "resourceclaims");
    Obj claim = json("'spec':{'devices':{'requests':[" + requests + "]}}");
    assertThat(QuotaUsage.of(claims, claim, NOW)).hasToString(amounts);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'scopes':['VolumeAttributesClass'] | 'volumeAttributesClassName':'gold' | | true
          'scopes':['VolumeAttributesClass'] | | | false
          'scopes':['Terminating'] | 'volumeAttributesClassName':'gold' | | false
          'scopeSelector':{'matchExpressions':[{'scopeName':'VolumeAttributesClass','operator':'In','values':['gold']}]} | 'volumeAttributesClassName':'gold' | | true
          'scopeSelector':{'matchExpressions':[{'scopeName':'VolumeAttributesClass','operator':'In','values':['gold']}]} | 'volumeAttributesClassName':'slow' | 'currentVolumeAttributesClassName':'gold' | true
          'scopeSelector':{'matchExpressions':[{'scopeName':'VolumeAttributesClass','operator':'In','values':['gold']}]} | 'volumeAttributesClassName':'slow' | 'modifyVolumeStatus':{'targetVolumeAttributesClassName':'gold'} | true
          'scopeSelector':{'matchExpressions':[{'scopeName':'VolumeAttributesClass','operator':'In','values':['gold']}]} | 'volumeAttributesClassName':'slow' | | false
          'scopeSelector':{'matchExpressions':[{'scopeName':'VolumeAttributesClass','operator':'NotIn','values':['gold']}]} | 'volumeAttributesClassName':'gold' | | false
          'scopeSelector':{'matchExpressions':[{'scopeName':'VolumeAttributesClass','operator':'DoesNotExist'}]} | | | true
          """)
  void scopesByClassAreAboutClaims(String scope, String spec, String status, boolean counted) {
    Obj quota = json("'spec':{'hard':{'persistentvolumeclaims':'1'}," + scope + "}");
    Obj claim =
        json(
            "'spec':{%s},'status':{%s}"
                .formatted(spec == null ? "" : spec, status == null ? "" : status));
    assertThat(QuotaUsage.of(quota, GroupResource.PERSISTENT_VOLUME_CLAIMS, claim, NOW).isEmpty())
        .isEqualTo(!counted);
    assertThat(QuotaUsage.of(quota, GroupResource.PODS, json("'spec':{}"), NOW).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'requiredDuringSchedulingIgnoredDuringExecution':[{'namespaces':['a']}]} | true
          {'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'x'}]} | false
          {'preferredDuringSchedulingIgnoredDuringExecution':[{'podAffinityTerm':{'namespaceSelector':{}}}]} | true
          """)
  void countsPodsThatLookIntoOtherNamespaces(String rules, boolean counted) {
    Obj quota = json("'spec':{'hard':{'pods':'1'},'scopes':['CrossNamespacePodAffinity']}");
    for (String kind : new String[] {"podAffinity", "podAntiAffinity"}) {
      Obj pod = json("'spec':{'affinity':{'" + kind + "':" + rules + "}}");
      assertThat(QuotaUsage.of(quota, GroupResource.PODS, pod, NOW).isEmpty()).isEqualTo(!counted);
    }
  }
}
