package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static dev.wherry.master.registry.kinds.Manifests.newComplaints;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.SampleRequests;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad objects of every kind besides pods, and bad changes, with all that is said of them. */
class KindChecksTest {
  private static Obj object(String members) {
    return Manifests.json(
        "{'metadata':{'name':'x','namespace':'default'},"
            + members.replace("PKCS10", SampleRequests.base64("jane"))
            + "}");
  }

  /** Several complaints stand in one cell, after semicolons. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          endpoints | 'subsets':[{}] | subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`
          endpoints | 'subsets':[{'addresses':[{'ip':'x'}]}] | subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          endpoints | 'subsets':[{'addresses':[{'ip':'10.0.0.1'}],'ports':[{'port':0}]}] | subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive
          endpoints | 'subsets':[{'addresses':[{'ip':'10.0.0.1'}],'ports':[{'port':1},{'port':2,'name':'b'}]}] | subsets[0].ports[0].name: Required value
          endpointslices.discovery.k8s.io | 'endpoints':[] | addressType: Required value
          endpointslices.discovery.k8s.io | 'addressType':'IPv4','endpoints':[{'addresses':['::2']}] | endpoints[0].addresses[0]: Invalid value: "::2": must be a valid IPv4 address
          endpointslices.discovery.k8s.io | 'addressType':'IPv4','endpoints':[{'addresses':[]}] | endpoints[0].addresses: Required value: must contain at least 1 address
          endpointslices.discovery.k8s.io | 'addressType':'IPv4','endpoints':[],'ports':[{'port':1,'name':'a'},{'port':2,'name':'a'}] | ports[1].name: Duplicate value: "a"
          persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'nfs':{'path':'/x'}} | spec.nfs.server: Required value
          persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'csi':{'driver':'d.example'}} | spec.csi.volumeHandle: Required value
          persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/x'},'local':{'path':'/y'}} | spec.local: Forbidden: may not specify more than 1 volume type
          persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/x'},'nodeAffinity':{}} | spec.nodeAffinity.required: Required value: must specify required node constraints
          persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/'},'persistentVolumeReclaimPolicy':'Recycle'} | spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'
          persistentvolumes | 'spec':{'capacity':{'disk':'1Gi'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/x'}} | spec.capacity: Unsupported value: {"disk":"1Gi"}: supported values: "storage"
          persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'hostPath':{'path':'/x'}} | spec.accessModes: Required value
          persistentvolumes | 'spec':{'capacity':{'storage':'0'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/x'}} | spec.capacity[storage]: Invalid value: "0": must be greater than zero
          persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}},'dataSource':{'kind':'PersistentVolumeClaim','name':'a'},'dataSourceRef':{'kind':'PersistentVolumeClaim','name':'b'}} | spec: Invalid value: "spec.dataSource": must match dataSourceRef
          persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}},'dataSource':{'kind':'PersistentVolumeClaim','name':'a'},'dataSourceRef':{'kind':'PersistentVolumeClaim','name':'a','namespace':'n'}} | spec: Invalid value: "spec.dataSource": may not be specified when dataSourceRef.namespace is specified
          persistentvolumeclaims | 'spec':{'accessModes':['Some'],'resources':{'requests':{'storage':'1Gi'}}} | spec.accessModes: Unsupported value: "Some": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"
          persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'0'}}} | spec.resources[storage]: Invalid value: "0": must be greater than zero
          persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}},'volumeMode':'Some'} | spec.volumeMode: Unsupported value: "Some": supported values: "Block", "Filesystem"
          persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}},'dataSource':{'kind':'Snap','name':'s'}} | spec.dataSource: Invalid value: "Snap": must be 'PersistentVolumeClaim' when referencing the default apiGroup
          deployments.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'paused':true,'revisionHistoryLimit':-1} | spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0
          deployments.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'strategy':{'type':'Some'}} | spec.strategy.type: Unsupported value: "Some": supported values: "Recreate", "RollingUpdate"
          deployments.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'strategy':{'rollingUpdate':{'maxUnavailable':'101%'}}} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%
          deployments.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'activeDeadlineSeconds':5,'containers':[{'name':'c','image':'i'}]}}} | spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported
          replicasets.apps | 'spec':{'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}} | spec.selector: Required value; spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`
          daemonsets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'updateStrategy':{'type':'Some'}} | spec.updateStrategy: Unsupported value: {"type":"Some"}: supported values: "RollingUpdate", "OnDelete"
          daemonsets.apps | 'spec':{'selector':{},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}} | spec.selector: Invalid value: {}: empty selector is invalid for daemonset
          statefulsets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'updateStrategy':{'type':'Some'}} | spec.updateStrategy: Invalid value: {"type":"Some"}: must be 'RollingUpdate' or 'OnDelete'
          statefulsets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'Some'}} | spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Some": supported values: "Retain", "Delete"
          statefulsets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'ordinals':{'start':-1}} | spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0
          replicationcontrollers | 'spec':{'selector':{'a':'c'},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}} | spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`
          podtemplates | 'template':{'spec':{'containers':[]}} | template.spec.containers: Required value
          jobs.batch | 'spec':{'maxFailedIndexes':1,'completions':2,'completionMode':'Indexed','template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified
          jobs.batch | 'spec':{'managedBy':'me','template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")
          jobs.batch | 'spec':{'podFailurePolicy':{'rules':[{'action':'Some','onPodConditions':[{'type':'A'}]}]},'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.podFailurePolicy.rules[0].action: Unsupported value: "Some": supported values: "Count", "FailIndex", "FailJob", "Ignore"
          jobs.batch | 'spec':{'podFailurePolicy':{'rules':[{'action':'Count'}]},'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required
          jobs.batch | 'spec':{'podFailurePolicy':{'rules':[{'action':'Count','onExitCodes':{'operator':'In','values':[0]}}]},'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator
          jobs.batch | 'spec':{'podFailurePolicy':{'rules':[{'action':'Count','onExitCodes':{'operator':'In','values':[2,1]}}]},'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1]: must be ordered
          jobs.batch | 'spec':{'successPolicy':{'rules':[{}]},'completions':2,'completionMode':'Indexed','template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified
          jobs.batch | 'spec':{'completionMode':'Indexed','completions':2,'backoffLimitPerIndex':1,'maxFailedIndexes':3,'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions
          jobs.batch | 'spec':{'completionMode':'Indexed','completions':100001,'backoffLimitPerIndex':1,'parallelism':10001,'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.maxFailedIndexes: Required value: must be specified when completions is above 100000; spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index
          jobs.batch | 'spec':{'manualSelector':true,'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.selector: Required value; spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`
          jobs.batch | 'spec':{'manualSelector':true,'selector':{'matchLabels':{'a':'b'}},'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`
          jobs.batch | 'spec':{'successPolicy':{'rules':[{'succeededIndexes':'0-1','succeededCount':3}]},'completions':4,'completionMode':'Indexed','template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)
          jobs.batch | 'spec':{'successPolicy':{'rules':[{'succeededIndexes':'1-2-3'}]},'completions':4,'completionMode':'Indexed','template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1-2-3": error parsing succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'
          cronjobs.batch | 'spec':{'schedule':'* * * * *','jobTemplate':{'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}}}} | spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated
          cronjobs.batch | 'spec':{'schedule':'* * *','jobTemplate':{'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}}}} | spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]
          cronjobs.batch | 'spec':{'schedule':'* * * * *','timeZone':'Nowhere/City','jobTemplate':{'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}}}} | spec.timeZone: Invalid value: "Nowhere/City": unknown time zone Nowhere/City
          cronjobs.batch | 'spec':{'schedule':'* * * * *','concurrencyPolicy':'Some','jobTemplate':{'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}}}} | spec.concurrencyPolicy: Unsupported value: "Some": supported values: "Allow", "Forbid", "Replace"
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':0,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'}} | spec.maxReplicas: Invalid value: 0: must be greater than 0; spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment'}} | spec.scaleTargetRef.name: Required value
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'},'metrics':[{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization'}}}]} | spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'},'metrics':[{'type':'Resource','resource':{'name':'cpu','target':{'type':'Some','averageUtilization':5}}}]} | spec.metrics[0].resource.target.type: Invalid value: "Some": must be either Utilization, Value, or AverageValue
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'},'metrics':[{'type':'Pods','pods':{'metric':{'name':'m'},'target':{'type':'AverageValue'}}}]} | spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'},'metrics':[{'type':'External'}]} | spec.metrics[0].external: Required value: must populate information for the given metric source
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'},'behavior':{'scaleUp':{'stabilizationWindowSeconds':4000}}} | spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'},'behavior':{'scaleDown':{'policies':[{'type':'Some','value':1,'periodSeconds':1}]}}} | spec.behavior.scaleDown.policies[0].type: Unsupported value: "Some": supported values: "Percent", "Pods"
          horizontalpodautoscalers.autoscaling | 'spec':{'maxReplicas':2,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'},'behavior':{'scaleDown':{'policies':[{'type':'Pods','value':0,'periodSeconds':1}]}}} | spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero
          poddisruptionbudgets.policy | 'spec':{'maxUnavailable':'101%'} | spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%
          poddisruptionbudgets.policy | 'spec':{'minAvailable':-1} | spec.minAvailable: Invalid value: -1: must be greater than or equal to 0
          poddisruptionbudgets.policy | 'spec':{'unhealthyPodEvictionPolicy':'Some'} | spec.unhealthyPodEvictionPolicy: Unsupported value: "Some": supported values: "AlwaysAllow", "IfHealthyBudget"
          ingressclasses.networking.k8s.io | 'spec':{'controller':'me'} | spec.controller: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")
          ingressclasses.networking.k8s.io | 'spec':{'controller':'a.b/c','parameters':{'kind':'K','name':'n','scope':'Namespace'}} | spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'
          ingressclasses.networking.k8s.io | 'spec':{'controller':'a.b/c','parameters':{'kind':'K','name':'n','namespace':'x'}} | spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'
          ipaddresses.networking.k8s.io | 'spec':{'parentRef':{'resource':'services','name':'x'}} | metadata.name: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          servicecidrs.networking.k8s.io | 'spec':{} | spec.cidrs: Required value: at least one CIDR required
          servicecidrs.networking.k8s.io | 'spec':{'cidrs':['x']} | spec.cidrs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          csidrivers.storage.k8s.io | 'spec':{'fsGroupPolicy':'Some'} | spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"
          csidrivers.storage.k8s.io | 'spec':{'volumeLifecycleModes':['Some']} | spec.volumeLifecycleModes: Unsupported value: "Some": supported values: "Persistent", "Ephemeral"
          csidrivers.storage.k8s.io | 'spec':{'tokenRequests':[{'audience':'a'},{'audience':'a','expirationSeconds':1}]} | spec.tokenRequests[1].audience: Duplicate value: "a"
          csinodes.storage.k8s.io | 'spec':{'drivers':[{'name':'a.b'}]} | spec.drivers[0].nodeID: Required value
          csistoragecapacities.storage.k8s.io | 'storageClassName':'x','capacity':'-1' | capacity: Invalid value: "-1": must be greater than or equal to 0
          volumeattachments.storage.k8s.io | 'spec':{'attacher':'a','nodeName':'n','source':{}} | spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName
          volumeattributesclasses.storage.k8s.io | 'driverName':'a.b' | parameters: Required value: must contain at least one key/value pair
          storageclasses.storage.k8s.io | 'provisioner':'' | provisioner: Required value
          storageclasses.storage.k8s.io | 'provisioner':'a/b','reclaimPolicy':'Some' | reclaimPolicy: Unsupported value: "Some": supported values: "Delete", "Retain"
          runtimeclasses.node.k8s.io | 'handler':'A' | handler: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
          runtimeclasses.node.k8s.io | 'handler':'a','overhead':{'podFixed':{'cpu':'x'}} | overhead.limits[cpu]: Invalid value: "x": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
          flowschemas.flowcontrol.apiserver.k8s.io | 'spec':{'matchingPrecedence':10001,'priorityLevelConfiguration':{'name':'a'}} | spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000
          flowschemas.flowcontrol.apiserver.k8s.io | 'spec':{'matchingPrecedence':1,'priorityLevelConfiguration':{'name':'a'}} | spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1
          flowschemas.flowcontrol.apiserver.k8s.io | 'spec':{} | spec.priorityLevelConfiguration.name: Required value: must reference a priority level
          flowschemas.flowcontrol.apiserver.k8s.io | 'spec':{'priorityLevelConfiguration':{'name':'a'},'distinguisherMethod':{'type':'Some'}} | spec.distinguisherMethod.type: Unsupported value: {"type":"Some"}: supported values: "ByNamespace", "ByUser"
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | 'spec':{'type':'Some'} | spec.type: Unsupported value: "Some": supported values: "Exempt", "Limited"
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | 'spec':{'type':'Limited'} | spec.limited: Required value: must not be empty when type is Limited
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | 'spec':{'type':'Limited','limited':{'limitResponse':{'type':'Queue','queuing':{'queues':4}}}} | spec.limited.limitResponse.queuing.handSize: Invalid value: 8: should not be greater than queues (4)
          statefulsets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'volumeClaimTemplates':[{'metadata':{'name':'d'},'spec':{'accessModes':['ReadWriteOnce']}}]} | spec.volumeClaimTemplates[0].spec.resources[storage]: Required value
          statefulsets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'volumeClaimTemplates':[{'metadata':{'name':'d'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}},{'metadata':{'name':'d'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}]} | spec.volumeClaimTemplates[1].metadata.name: Duplicate value: "d"
          statefulsets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}},'volumeClaimTemplates':[{'metadata':{},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}]} | spec.template.spec.volumes[0].persistentVolumeClaim.claimName: Required value; spec.template.spec.volumes[0].name: Required value; spec.volumeClaimTemplates[0].metadata.name: Required value
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c','selectors':[{'cel':{}}]}}]}} | spec.devices.requests[0].exactly.selectors[0].cel.expression: Required value
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c','selectors':[{'cel':{'expression':'LONG'}}]}}]}} | spec.devices.requests[0].exactly.selectors[0].cel.expression: Too long: may not be more than 10240 bytes
          resourceslices.resource.k8s.io | 'spec':{'driver':'a.b','pool':{'name':'p','resourceSliceCount':1},'allNodes':true,'devices':[{'name':'a'},{'name':'a'}]} | spec.devices[1]: Duplicate value: "a"
          resourceslices.resource.k8s.io | 'spec':{'driver':'a.b','pool':{'name':'p','resourceSliceCount':1},'allNodes':true,'devices':[{'name':'a','attributes':{'m':{'int':1,'string':'x'}}}]} | spec.devices[0].attributes[m]: Invalid value: {"int":1,"string":"x"}: exactly one value must be specified
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a'}]}} | spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c','count':-1}}]}} | spec.devices.requests[0].exactly.count: Invalid value: -1: must be greater than zero
          resourceclaimtemplates.resource.k8s.io | 'spec':{'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c','allocationMode':'Some'}}]}}} | spec.spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"
          resourceslices.resource.k8s.io | 'spec':{'driver':'a.b','pool':{'name':'p','resourceSliceCount':1}} | spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required
          deviceclasses.resource.k8s.io | 'spec':{'config':[{}]} | spec.config[0].opaque: Required value
          deviceclasses.resource.k8s.io | 'spec':{'config':[{'opaque':{'driver':'a.b','parameters':[1]}}]} | spec.config[0].opaque.parameters: Invalid value: "<value omitted>": parameters must be a valid JSON object
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c','tolerations':[{'key':'a','operator':'Exists','value':'b'}]}}]}} | spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: "b": must be empty for operator `Exists`
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c'}}],'constraints':[{'requests':['b'],'matchAttribute':'a.b/c'}]}} | spec.devices.constraints[0].requests[0]: Invalid value: "b": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'
          resourceclaims.resource.k8s.io | 'spec':{'devices':{'requests':[{'name':'a','exactly':{'deviceClassName':'c'}}],'constraints':[{'matchAttribute':'c'}]}} | spec.devices.constraints[0].matchAttribute: Invalid value: "c": a fully qualified name must be a domain and a name separated by a slash
          resourceslices.resource.k8s.io | 'spec':{'driver':'a.b','pool':{'name':'p','resourceSliceCount':1},'allNodes':true,'devices':[{'name':'a','attributes':{'v':{'version':'1.2'}}}]} | spec.devices[0].attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0
          resourceslices.resource.k8s.io | 'spec':{'driver':'a.b','pool':{'name':'p','resourceSliceCount':1},'allNodes':true,'devices':[{'name':'a','taints':[{'key':'a','effect':'Some'}]}]} | spec.devices[0].taints[0].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"
          resourceslices.resource.k8s.io | 'spec':{'driver':'a.b','pool':{'name':'p','resourceSliceCount':1},'allNodes':true,'devices':[{'name':'a','capacity':{'a.b/':{'value':'1'}}}]} | spec.devices[0].capacity[a.b/]: Required value: the name must not be empty
          deviceclasses.resource.k8s.io | 'spec':{'selectors':[{}]} | spec.selectors[0].cel: Required value
          nodes | 'spec':{'taints':[{'key':'a','effect':'Some'}]} | metadata.taints[0].effect: Unsupported value: "Some": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"
          nodes | 'spec':{'taints':[{'key':'a','effect':'NoSchedule'},{'key':'a','effect':'NoSchedule'}]} | metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be unique by key and effect pair
          nodes | 'spec':{'podCIDRs':['x']} | spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          namespaces | 'spec':{'finalizers':['mine']} | spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified
          leases.coordination.k8s.io | 'spec':{'leaseDurationSeconds':0} | spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0
          leases.coordination.k8s.io | 'spec':{'holderIdentity':''} | ^^
          leases.coordination.k8s.io | 'spec':{'leaseTransitions':-1} | spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0
          secrets | 'type':'kubernetes.io/basic-auth' | data[username]: Required value; data[password]: Required value
          secrets | 'type':'kubernetes.io/service-account-token' | metadata.annotations[kubernetes.io/service-account.name]: Required value
          secrets | 'type':'kubernetes.io/dockerconfigjson','data':{'.dockerconfigjson':'MQ=='} | data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be a JSON object in base64
          secrets | 'data':{'a':'?'} | data[a]: Invalid value: "?": must be base64 encoded
          configmaps | 'data':{'a':'1'},'binaryData':{'a':'MQ=='} | data[a]: Invalid value: "a": duplicate of key present in binaryData
          configmaps | 'data':{'..a':'1'} | data[..a]: Invalid value: "..a": must not start with '..'
          resourcequotas | 'spec':{'hard':{'disks':'1'}} | spec.hard[disks]: Invalid value: "disks": must be a standard resource type or fully qualified; spec.hard[disks]: Invalid value: "disks": must be a standard resource for quota
          resourcequotas | 'spec':{'hard':{'pods':'1.5'}} | spec.hard[pods]: Invalid value: "1.5": must be an integer
          resourcequotas | 'spec':{'hard':{},'scopes':['BestEffort','NotBestEffort']} | spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes
          resourcequotas | 'spec':{'hard':{'pods':'1','count/jobs.batch':'1'},'scopes':['VolumeAttributesClass']} | spec.scopes: Invalid value: ["VolumeAttributesClass"]: unsupported scope applied to resource
          resourcequotas | 'spec':{'hard':{'requests.storage':'1Gi'},'scopeSelector':{'matchExpressions':[{'scopeName':'VolumeAttributesClass','operator':'In','values':['a']}]}} | ^^
          resourcequotas | 'spec':{'hard':{'cpu':'1'},'scopes':['BestEffort']} | spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource
          resourcequotas | 'spec':{'hard':{},'scopes':['Some']} | spec.scopes: Invalid value: ["Some"]: unsupported scope
          limitranges | 'spec':{'limits':[{'type':'Container'},{'type':'Container'}]} | spec.limits[1].type: Duplicate value: "Container"
          limitranges | 'spec':{'limits':[{'type':'Some'}]} | spec.limits[0].type: Invalid value: "Some": must be a standard limit type or fully qualified
          limitranges | 'spec':{'limits':[{'type':'PersistentVolumeClaim'}]} | spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided
          limitranges | 'spec':{'limits':[{'type':'Pod','default':{'cpu':'1'}}]} | spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'
          limitranges | 'spec':{'limits':[{'type':'Container','maxLimitRequestRatio':{'cpu':'0.5'}}]} | spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "0.5": ratio 0.5 is less than 1
          clusterroles.rbac.authorization.k8s.io | 'aggregationRule':{} | aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil
          clusterroles.rbac.authorization.k8s.io | 'rules':[{'verbs':['get'],'resources':['pods']}] | rules[0].apiGroups: Required value: resource rules must supply at least one api group
          clusterrolebindings.rbac.authorization.k8s.io | 'roleRef':{'kind':'Role','name':'r'} | roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"
          rolebindings.rbac.authorization.k8s.io | 'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'Robot','name':'x'}] | subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"
          priorityclasses.scheduling.k8s.io | 'value':1,'preemptionPolicy':'Some' | preemptionPolicy: Unsupported value: "Some": supported values: "Never", "PreemptLowerPriority"
          events | 'involvedObject':{'namespace':'other'} | involvedObject.namespace: Invalid value: "other": does not match event.namespace
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'MQ==','signerName':'a.b/c','usages':['client auth']} | spec.request: Invalid value: "MQ==": PEM block type must be CERTIFICATE REQUEST
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c','usages':['client auth','client auth']} | spec.usages[1]: Duplicate value: "client auth"
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c'} | spec.usages: Required value
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c','usages':['client auth'],'expirationSeconds':60} | spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c','usages':['client auth']},'status':{'conditions':[{'type':'Approved','status':'True'},{'type':'Denied','status':'True'}]} | status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c','usages':['client auth']},'status':{'conditions':[{'type':'Approved','status':'False'},{'type':'Failed','status':'True'},{'type':'Failed','status':'True'}]} | status.conditions[0].status: Unsupported value: "False": supported values: "True"; status.conditions[2].type: Duplicate value: "Failed"
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c','usages':['client auth']},'status':{'certificate':'eA=='} | status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c','usages':['client auth']},'status':{'certificate':'PKCS10'} | status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'kubernetes.io/legacy-unknown','usages':['client auth']} | spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a/c','usages':['client auth']} | spec.signerName: Invalid value: "a": should be a domain with at least two segments separated by dots
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'PKCS10','signerName':'a.b/c','usages':['bake']} | spec.usages[0]: Unsupported value: "bake": supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"
          certificatesigningrequests.certificates.k8s.io | 'spec':{'request':'UEtDUzEw','signerName':'a.b/c','usages':['client auth']} | spec.request: Invalid value: "UEtDUzEw": PEM block type must be CERTIFICATE REQUEST
          controllerrevisions.apps | 'revision':1 | data: Required value: data is mandatory
          """)
  void saysWhatIsWrong(String resource, String members, String complaint) {
    String given = members.replace("LONG", "x".repeat(10_241));
    assertThat(String.join("; ", newComplaints(kind(resource), object(given))))
        .isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          deployments.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}}} | 'spec':{'selector':{'matchLabels':{'a':'c'}}} | spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable
          replicasets.apps | 'spec':{'selector':{'matchLabels':{'a':'b'}}} | 'spec':{'selector':{'matchLabels':{'a':'c'}}} | spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable
          jobs.batch | 'spec':{'completionMode':'Indexed'} | 'spec':{'completionMode':'NonIndexed'} | spec.completionMode: Invalid value: "NonIndexed": field is immutable
          jobs.batch | 'spec':{'completionMode':'Indexed','completions':2,'parallelism':1} | 'spec':{'completionMode':'Indexed','completions':3,'parallelism':2} | spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism
          jobs.batch | 'spec':{'selector':{'matchLabels':{'a':'b'}}} | 'spec':{'selector':{'matchLabels':{'a':'c'}}} | spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable
          persistentvolumes | 'spec':{'hostPath':{'path':'/a'},'volumeMode':'Block'} | 'spec':{'hostPath':{'path':'/a'},'volumeMode':'Filesystem'} | volumeMode: Invalid value: "Filesystem": field is immutable
          ingressclasses.networking.k8s.io | 'spec':{'controller':'a.b/c'} | 'spec':{'controller':'a.b/d'} | spec.controller: Invalid value: "a.b/d": field is immutable
          ipaddresses.networking.k8s.io | 'spec':{'parentRef':{'name':'a'}} | 'spec':{'parentRef':{'name':'b'}} | spec.parentRef: Invalid value: {"name":"b"}: field is immutable
          servicecidrs.networking.k8s.io | 'spec':{'cidrs':['10.0.0.0/8']} | 'spec':{'cidrs':['11.0.0.0/8']} | spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable
          runtimeclasses.node.k8s.io | 'handler':'a' | 'handler':'b' | handler: Invalid value: "b": field is immutable
          csidrivers.storage.k8s.io | 'spec':{'attachRequired':true} | 'spec':{'attachRequired':false} | spec.attachedRequired: Invalid value: false: field is immutable
          volumeattachments.storage.k8s.io | 'spec':{'nodeName':'a'} | 'spec':{'nodeName':'b'} | spec: Invalid value: {"nodeName":"b"}: field is immutable
          volumeattributesclasses.storage.k8s.io | 'driverName':'a' | 'driverName':'b' | driverName: Forbidden: updates to driverName are forbidden.
          csistoragecapacities.storage.k8s.io | 'storageClassName':'a' | 'storageClassName':'b' | storageClassName: Invalid value: "b": field is immutable
          storageclasses.storage.k8s.io | 'provisioner':'a','parameters':{'x':'1'} | 'provisioner':'a','parameters':{'x':'2'} | parameters: Forbidden: updates to parameters are forbidden.
          resourceclaims.resource.k8s.io | 'spec':{'devices':{}} | 'spec':{} | spec: Invalid value: {}: field is immutable
          endpointslices.discovery.k8s.io | 'addressType':'IPv4' | 'addressType':'IPv6' | addressType: Invalid value: "IPv6": field is immutable
          secrets | 'immutable':true,'data':{'a':'MQ=='} | 'immutable':true,'data':{'a':'Mg=='} | data: Forbidden: field is immutable when `immutable` is set
          secrets | 'immutable':true | 'immutable':false | immutable: Forbidden: field is immutable when `immutable` is set
          configmaps | 'immutable':true,'binaryData':{'a':'MQ=='} | 'immutable':true | binaryData: Forbidden: field is immutable when `immutable` is set
          nodes | 'spec':{'podCIDR':'10.0.0.0/24'} | 'spec':{'podCIDR':'10.0.1.0/24'} | spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid
          nodes | 'spec':{'providerID':'a'} | 'spec':{'providerID':'b'} | spec.providerID: Forbidden: node updates may not change providerID except from "" to valid
          resourcequotas | 'spec':{'scopes':['BestEffort']} | 'spec':{'scopes':[]} | spec.scopes: Invalid value: []: field is immutable
          clusterrolebindings.rbac.authorization.k8s.io | 'roleRef':{'name':'a'} | 'roleRef':{'name':'b'} | roleRef: Invalid value: {"name":"b","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef
          """)
  void saysWhatMayNotChange(String resource, String before, String after, String complaint) {
    assertThat(changes(kind(resource), object(before), object(after))).containsExactly(complaint);
    assertThat(changes(kind(resource), object(before), object(before))).isEmpty();
  }
}
