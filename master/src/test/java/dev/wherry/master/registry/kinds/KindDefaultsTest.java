package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each kind fills in: of an object with these members, what then stands at a path. */
class KindDefaultsTest {
  @ParameterizedTest(name = "{0} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          podtemplates | 'template':{'spec':{'containers':[{'name':'c','image':'i:1'}]}} | template/spec | {'containers':[{'name':'c','image':'i:1','resources':{},'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File','imagePullPolicy':'IfNotPresent'}],'restartPolicy':'Always','terminationGracePeriodSeconds':30,'dnsPolicy':'ClusterFirst','securityContext':{},'schedulerName':'default-scheduler'}
          pods | 'spec':{'volumes':[{'name':'v','iscsi':{}}]} | spec/volumes/0/iscsi | {'iscsiInterface':'default'}
          pods | 'spec':{'volumes':[{'name':'v','rbd':{}}]} | spec/volumes/0/rbd | {'pool':'rbd','user':'admin','keyring':'/etc/ceph/keyring'}
          pods | 'spec':{'volumes':[{'name':'v','azureDisk':{}}]} | spec/volumes/0/azureDisk | {'cachingMode':'ReadWrite','fsType':'ext4','readOnly':false,'kind':'Shared'}
          pods | 'spec':{'volumes':[{'name':'v','scaleIO':{}}]} | spec/volumes/0/scaleIO | {'storageMode':'ThinProvisioned','fsType':'xfs'}
          pods | 'spec':{'volumes':[{'name':'v','image':{'reference':'i'}}]} | spec/volumes/0/image | {'reference':'i','pullPolicy':'Always'}
          pods | 'spec':{'volumes':[{'name':'v','image':{'reference':'i:1'}}]} | spec/volumes/0/image | {'reference':'i:1','pullPolicy':'IfNotPresent'}
          pods | 'spec':{'volumes':[{'name':'v','ephemeral':{'volumeClaimTemplate':{'spec':{}}}}]} | spec/volumes/0/ephemeral | {'volumeClaimTemplate':{'spec':{'volumeMode':'Filesystem'}}}
          pods | 'spec':{'volumes':[{'name':'v','downwardAPI':{'items':[{'path':'p','fieldRef':{'fieldPath':'metadata.name'}}]}}]} | spec/volumes/0/downwardAPI | {'items':[{'path':'p','fieldRef':{'fieldPath':'metadata.name','apiVersion':'v1'}}],'defaultMode':420}
          pods | 'spec':{'containers':[{'name':'c','image':'i','lifecycle':{'preStop':{'httpGet':{'port':1}}}}]} | spec/containers/0/lifecycle | {'preStop':{'httpGet':{'port':1,'path':'/','scheme':'HTTP'}}}
          pods | 'spec':{'topologySpreadConstraints':[{'maxSkew':1}]} | spec/topologySpreadConstraints/0 | {'maxSkew':1}
          persistentvolumes | 'spec':{'hostPath':{'path':'/x'}} | spec | {'hostPath':{'path':'/x','type':''},'persistentVolumeReclaimPolicy':'Retain','volumeMode':'Filesystem'}
          persistentvolumeclaims | 'spec':{} | spec | {'volumeMode':'Filesystem'}
          replicasets.apps | 'spec':{} | spec | {'replicas':1}
          daemonsets.apps | 'spec':{} | spec | {'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':1,'maxSurge':0}},'revisionHistoryLimit':10}
          statefulsets.apps | 'spec':{'volumeClaimTemplates':[{'metadata':{'name':'d'},'spec':{}}]} | spec | {'volumeClaimTemplates':[{'metadata':{'name':'d'},'spec':{'volumeMode':'Filesystem'},'apiVersion':'v1','kind':'PersistentVolumeClaim','status':{'phase':'Pending'}}],'podManagementPolicy':'OrderedReady','updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':0,'maxUnavailable':1}},'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'Retain','whenScaled':'Retain'},'replicas':1,'revisionHistoryLimit':10}
          replicationcontrollers | 'spec':{'template':{'metadata':{'labels':{'a':'b'}}}} | spec/selector | {'a':'b'}
          jobs.batch | 'spec':{} | spec | {'completions':1,'parallelism':1,'backoffLimit':6,'completionMode':'NonIndexed','suspend':false,'manualSelector':false,'podReplacementPolicy':'TerminatingOrFailed'}
          jobs.batch | 'spec':{'parallelism':2,'backoffLimitPerIndex':1} | spec | {'parallelism':2,'backoffLimitPerIndex':1,'backoffLimit':2147483647,'completionMode':'NonIndexed','suspend':false,'manualSelector':false,'podReplacementPolicy':'TerminatingOrFailed'}
          jobs.batch | 'spec':{'template':{'metadata':{'labels':{'a':'b'}}}} | metadata/labels | {'a':'b'}
          jobs.batch | 'spec':{'podFailurePolicy':{'rules':[{'action':'Ignore','onPodConditions':[{'type':'DisruptionTarget'}]}]}} | spec/podFailurePolicy/rules/0/onPodConditions/0 | {'type':'DisruptionTarget','status':'True'}
          cronjobs.batch | 'spec':{} | spec | {'concurrencyPolicy':'Allow','suspend':false,'successfulJobsHistoryLimit':3,'failedJobsHistoryLimit':1}
          horizontalpodautoscalers.autoscaling | 'spec':{'behavior':{'scaleUp':{},'scaleDown':{}}} | spec | {'behavior':{'scaleUp':{'selectPolicy':'Max','stabilizationWindowSeconds':0,'policies':[{'type':'Pods','value':4,'periodSeconds':15},{'type':'Percent','value':100,'periodSeconds':15}]},'scaleDown':{'selectPolicy':'Max','policies':[{'type':'Percent','value':100,'periodSeconds':15}]}},'minReplicas':1,'metrics':[{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':80}}}]}
          networkpolicies.networking.k8s.io | 'spec':{'podSelector':{},'egress':[{'ports':[{'port':53}]}]} | spec | {'podSelector':{},'egress':[{'ports':[{'port':53,'protocol':'TCP'}]}],'policyTypes':['Ingress','Egress']}
          ingressclasses.networking.k8s.io | 'spec':{'parameters':{'kind':'K','name':'n'}} | spec/parameters | {'kind':'K','name':'n','scope':'Cluster'}
          endpoints | 'subsets':[{'ports':[{'port':80}]}] | subsets/0/ports/0 | {'port':80,'protocol':'TCP'}
          endpointslices.discovery.k8s.io | 'ports':[{'port':80}] | ports/0 | {'port':80,'name':'','protocol':'TCP'}
          storageclasses.storage.k8s.io | 'provisioner':'a' | reclaimPolicy | 'Delete'
          storageclasses.storage.k8s.io | 'provisioner':'a' | volumeBindingMode | 'Immediate'
          csidrivers.storage.k8s.io | 'spec':{} | spec | {'attachRequired':true,'podInfoOnMount':false,'storageCapacity':false,'fsGroupPolicy':'ReadWriteOnceWithFSType','volumeLifecycleModes':['Persistent'],'requiresRepublish':false,'seLinuxMount':false}
          priorityclasses.scheduling.k8s.io | 'value':1 | preemptionPolicy | 'PreemptLowerPriority'
          flowschemas.flowcontrol.apiserver.k8s.io | 'spec':{} | spec | {'matchingPrecedence':1000}
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | 'spec':{'type':'Exempt'} | spec | {'type':'Exempt','exempt':{'nominalConcurrencyShares':0,'lendablePercent':0}}
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | 'spec':{'type':'Limited','limited':{'limitResponse':{'type':'Queue','queuing':{}}}} | spec/limited | {'limitResponse':{'type':'Queue','queuing':{'queues':64,'handSize':8,'queueLengthLimit':50}},'nominalConcurrencyShares':30,'lendablePercent':0}
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c','tolerations':[{'key':'k'}]}}]}} | spec/devices/requests/0/exactly | {'deviceClassName':'c','tolerations':[{'key':'k','operator':'Equal'}],'allocationMode':'ExactCount','count':1}
          rolebindings.rbac.authorization.k8s.io | 'roleRef':{'kind':'Role','name':'r'} | roleRef | {'kind':'Role','name':'r','apiGroup':'rbac.authorization.k8s.io'}
          limitranges | 'spec':{'limits':[{'type':'Container','max':{'cpu':'1'},'min':{'memory':'1Mi'}}]} | spec/limits/0 | {'type':'Container','max':{'cpu':'1'},'min':{'memory':'1Mi'},'default':{'cpu':'1'},'defaultRequest':{'cpu':'1','memory':'1Mi'}}
          nodes | 'status':{'capacity':{'cpu':'2'}} | status/allocatable | {'cpu':'2'}
          secrets | 'data':{} | type | 'Opaque'
          services | 'spec':{'type':'LoadBalancer','ports':[{'port':80}]} | spec | {'type':'LoadBalancer','ports':[{'port':80,'protocol':'TCP','targetPort':80}],'sessionAffinity':'None','internalTrafficPolicy':'Cluster','externalTrafficPolicy':'Cluster','allocateLoadBalancerNodePorts':true}
          services | 'spec':{'sessionAffinity':'ClientIP'} | spec/sessionAffinityConfig | {'clientIP':{'timeoutSeconds':10800}}
          """)
  void fillsIn(String resource, String members, String path, String expected) {
    Obj object = Manifests.json("{'metadata':{'name':'x','namespace':'default'}," + members + "}");
    Object value = defaulted(kind(resource), object);
    for (String step : path.split("/", -1)) {
      value =
          value instanceof List<?> list
              ? list.get(Integer.parseInt(step))
              : ((Obj) value).get(step).orElseThrow();
    }
    assertThat(value).isEqualTo(Manifests.value(expected));
    Obj once = defaulted(kind(resource), object);
    assertThat(defaulted(kind(resource), once)).isEqualTo(once);
  }
}
