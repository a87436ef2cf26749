package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Updates of the status of each kind that has rules for it. */
class StatusChecksTest {
  private static Obj object(String members) {
    return Manifests.json("{'metadata':{'name':'x','namespace':'default'}," + members + "}");
  }

  @ParameterizedTest(name = "{0} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "fine",
      textBlock =
          """
          deployments.apps | 'status':{} | 'status':{'replicas':2,'updatedReplicas':2,'readyReplicas':2,'availableReplicas':1,'unavailableReplicas':1} | fine
          deployments.apps | 'status':{} | 'status':{'replicas':-1} | status.replicas: Invalid value: -1: must be greater than or equal to 0
          deployments.apps | 'status':{} | 'status':{'replicas':1,'updatedReplicas':2} | status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas
          deployments.apps | 'status':{} | 'status':{'replicas':2,'availableReplicas':1} | status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas
          deployments.apps | 'status':{'collisionCount':2} | 'status':{'collisionCount':1} | status.collisionCount: Invalid value: 1: cannot be decremented
          replicasets.apps | 'status':{} | 'status':{'replicas':1,'fullyLabeledReplicas':2} | status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas
          replicationcontrollers | 'status':{} | 'status':{'replicas':1,'readyReplicas':2} | status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas
          statefulsets.apps | 'status':{} | 'status':{'replicas':1,'currentReplicas':2} | status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas
          statefulsets.apps | 'status':{} | 'status':{'replicas':2,'readyReplicas':1,'availableReplicas':2} | status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas
          daemonsets.apps | 'status':{} | 'status':{'numberMisscheduled':-1} | status.numberMisscheduled: Invalid value: -1: must be greater than or equal to 0
          jobs.batch | 'status':{} | 'status':{'active':1,'ready':1,'succeeded':2} | fine
          jobs.batch | 'status':{} | 'status':{'active':1,'ready':2} | status.ready: Invalid value: 2: cannot set more ready pods than active
          jobs.batch | 'status':{} | 'status':{'failed':-1} | status.failed: Invalid value: -1: must be greater than or equal to 0
          jobs.batch | 'status':{} | 'status':{'active':1,'conditions':[{'type':'Failed','status':'True'}]} | status.active: Invalid value: 1: active>0 is invalid for finished job
          jobs.batch | 'status':{} | 'status':{'conditions':[{'type':'Complete','status':'True'}]} | status.completionTime: Required value: completionTime is required for Complete jobs
          jobs.batch | 'status':{} | 'status':{'completionTime':'2026-01-01T00:00:00Z'} | cannot set completionTime when there is no Complete=True condition
          jobs.batch | 'status':{'conditions':[{'type':'Failed','status':'True'}]} | 'status':{} | status.conditions: Invalid value: cannot disable the terminal Failed=True condition
          jobs.batch | 'status':{} | 'status':{'startTime':'2026-01-02T00:00:00Z','completionTime':'2026-01-01T00:00:00Z','conditions':[{'type':'Complete','status':'True'}]} | completionTime cannot be set before startTime
          jobs.batch | 'status':{} | 'status':{'active':1,'terminating':1,'startTime':'2026-01-01T00:00:00Z','conditions':[{'type':'FailureTarget','status':'True'}]} | fine
          jobs.batch | 'status':{} | 'status':{'startTime':'2026-01-01T00:00:00Z','conditions':[{'type':'Failed','status':'True'}]} | status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition
          jobs.batch | 'status':{} | 'status':{'startTime':'2026-01-01T00:00:00Z','completionTime':'2026-01-01T00:00:00Z','conditions':[{'type':'Complete','status':'True'}]} | status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition
          jobs.batch | 'status':{} | 'status':{'startTime':'2026-01-01T00:00:00Z','completionTime':'2026-01-01T00:00:00Z','conditions':[{'type':'SuccessCriteriaMet','status':'True'},{'type':'Complete','status':'True'}]} | fine
          jobs.batch | 'status':{} | 'status':{'conditions':[{'type':'FailureTarget','status':'True'},{'type':'Failed','status':'True'}]} | status.startTime: Required value: startTime is required for finished job
          jobs.batch | 'status':{} | 'status':{'terminating':1,'startTime':'2026-01-01T00:00:00Z','conditions':[{'type':'FailureTarget','status':'True'},{'type':'Failed','status':'True'}]} | status.terminating: Invalid value: 1: terminating>0 is invalid for finished job
          jobs.batch | 'status':{} | 'status':{'startTime':'2026-01-01T00:00:00Z','uncountedTerminatedPods':{'failed':['a']},'conditions':[{'type':'FailureTarget','status':'True'},{'type':'Failed','status':'True'}]} | status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: uncountedTerminatedPods needs to be empty for finished job
          jobs.batch | 'status':{} | 'status':{'uncountedTerminatedPods':{'failed':['a'],'succeeded':['a']}} | status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"
          jobs.batch | 'status':{'failed':2} | 'status':{'failed':1} | status.failed: Invalid value: 1: cannot decrease the failed counter
          jobs.batch | 'status':{'succeeded':2} | 'status':{'succeeded':1} | status.succeeded: Invalid value: 1: cannot decrease the succeeded counter
          jobs.batch | 'status':{} | 'spec':{'completionMode':'Indexed','completions':3},'status':{'completedIndexes':'0,2'} | fine
          jobs.batch | 'status':{} | 'spec':{'completionMode':'Indexed','completions':3},'status':{'completedIndexes':'0-3'} | status.completedIndexes: Invalid value: "0-3": error parsing completedIndexes: too large index: "3"
          jobs.batch | 'status':{} | 'spec':{'completionMode':'Indexed','completions':3},'status':{'completedIndexes':'2,1'} | error parsing completedIndexes: non-increasing order, previous: 2, current: 1
          jobs.batch | 'status':{} | 'status':{'completedIndexes':'0'} | cannot set non-empty completedIndexes when non-indexed completion mode
          jobs.batch | 'status':{} | 'spec':{'completionMode':'Indexed','completions':3},'status':{'failedIndexes':'0'} | cannot set non-null failedIndexes when backoffLimitPerIndex is null
          jobs.batch | 'status':{} | 'spec':{'completionMode':'Indexed','completions':9,'backoffLimitPerIndex':1},'status':{'completedIndexes':'1-4','failedIndexes':'0,3'} | failedIndexes and completedIndexes overlap at index: 3
          jobs.batch | 'status':{'startTime':'2026-01-01T00:00:00Z'} | 'status':{} | status.startTime: Required value: startTime cannot be removed for unsuspended job
          jobs.batch | 'status':{'completionTime':'2026-01-02T00:00:00Z','conditions':[{'type':'Complete','status':'True'}]} | 'status':{'completionTime':'2026-01-03T00:00:00Z','conditions':[{'type':'Complete','status':'True'}]} | status.completionTime: Invalid value: "2026-01-03T00:00:00Z": completionTime cannot be mutated
          poddisruptionbudgets.policy | 'status':{} | 'status':{'desiredHealthy':-1} | status.desiredHealthy: Invalid value: -1: must be greater than or equal to 0
          poddisruptionbudgets.policy | 'status':{} | 'status':{'conditions':[{'type':'DisruptionAllowed','status':'Yes','reason':'r','lastTransitionTime':'2026-01-01T00:00:00Z'}]} | status.conditions[0].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"
          poddisruptionbudgets.policy | 'status':{} | 'status':{'conditions':[{'type':'DisruptionAllowed','status':'True','lastTransitionTime':'2026-01-01T00:00:00Z'}]} | status.conditions[0].reason: Required value: must be set
          horizontalpodautoscalers.autoscaling | 'status':{} | 'status':{'desiredReplicas':-1} | status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0
          resourceclaims.resource.k8s.io | 'status':{} | 'status':{'reservedFor':[{'resource':'pods','name':'p','uid':'1'}]} | status.reservedFor: Forbidden: may not be specified when `allocated` is not set
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'r','driver':'d.example','pool':'p/q','device':'a'}]}},'reservedFor':[{'resource':'pods','name':'p','uid':'1'}]} | fine
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'f/x','driver':'d.example','pool':'p/q','device':'a'}]}}} | fine
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'z','driver':'d.example','pool':'p/q','device':'a'}]}}} | status.allocation.devices.results[0].request: Invalid value: "z": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'r','driver':'d.example','pool':'p/q','device':'a'}]}},'reservedFor':[{'resource':'pods','name':'p','uid':'1'},{'resource':'pods','name':'q','uid':'1'}]} | status.reservedFor[1]: Duplicate value: "1"
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'r','driver':'d.example','pool':'p/q','device':'a'}]}},'reservedFor':[{'resource':'pods','name':'p'}]} | status.reservedFor[0].uid: Required value
          resourceclaims.resource.k8s.io | 'status':{'allocation':{'devices':{'results':[{'request':'r','driver':'d.example','pool':'p/q','device':'a'}]}}} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'f/x','driver':'d.example','pool':'p/q','device':'a'}]}}} | status.allocation: Invalid value
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'r','driver':'d.example','pool':'p/q','device':'a'}]}},'devices':[{'driver':'d.example','pool':'p','device':'a'}]} | status.devices[0]: Invalid value: "d.example/p/a": must be an allocated device in the claim
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'r','driver':'d.example','pool':'p/q','device':'a'}]}},'devices':[{'driver':'d.example','pool':'p/q','device':'a','networkData':{'ips':['10.0.0.1']}}]} | status.devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)
          resourceclaims.resource.k8s.io | 'status':{} | 'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c'}},{'name':'f','firstAvailable':[{'name':'x','deviceClassName':'c'}]}]}},'status':{'allocation':{'devices':{'results':[{'request':'r','driver':'d.example','pool':'p/q','device':'a'}],'config':[{'source':'Some','opaque':{'driver':'d.example','parameters':{'a':1}}}]}}} | status.allocation.devices.config[0].source: Unsupported value: "Some": supported values: "FromClaim", "FromClass"
          volumeattachments.storage.k8s.io | 'status':{} | 'status':{'attached':true,'attachmentMetadata':{'a':'b'}} | fine
          volumeattachments.storage.k8s.io | 'status':{} | 'status':{'attachError':{'message':'LONG'}} | status.attachError.message: Too long: may not be more than 1024 bytes
          volumeattachments.storage.k8s.io | 'status':{} | 'status':{'detachError':{'errorCode':-1}} | status.detachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive
          flowschemas.flowcontrol.apiserver.k8s.io | 'status':{} | 'status':{'conditions':[{'type':'Dangling'},{'type':'Dangling'}]} | status.conditions[1].type: Duplicate value: "Dangling"
          prioritylevelconfigurations.flowcontrol.apiserver.k8s.io | 'status':{} | 'status':{'conditions':[{'status':'True'}]} | status.conditions[0].type: Required value: must not be empty
          servicecidrs.networking.k8s.io | 'status':{} | 'status':{'conditions':[{'type':'Ready','status':'True','lastTransitionTime':'2026-01-01T00:00:00Z'}]} | status.conditions[0].reason: Required value: must be set
          persistentvolumeclaims | 'status':{} | 'status':{'phase':'Bound','capacity':{'storage':'-1Gi'}} | status.capacity[storage]: Invalid value: -1073741824: must be a valid resource quantity
          resourcequotas | 'status':{} | 'status':{'used':{'pods':'-1'}} | status.used[pods]: Invalid value: "-1": must be greater than or equal to 0
          namespaces | 'status':{'phase':'Active'} | 'status':{'phase':'Terminating'} | status.Phase: Invalid value: "Terminating": may only be 'Active' if `deletionTimestamp` is empty
          services | 'spec':{'type':'LoadBalancer'} | 'spec':{'type':'LoadBalancer'},'status':{'loadBalancer':{'ingress':[{'ip':'10.0.0.1','ipMode':'VIP'},{'hostname':'a.b'}]}} | fine
          services | 'spec':{} | 'spec':{'type':'LoadBalancer'},'status':{'loadBalancer':{'ingress':[{'ip':'10.0.0.x'}]}} | status.loadBalancer.ingress[0].ip: Invalid value: "10.0.0.x": must be a valid IP address
          services | 'spec':{} | 'spec':{'type':'LoadBalancer'},'status':{'loadBalancer':{'ingress':[{'ip':'10.0.0.1','ipMode':'Some'}]}} | status.loadBalancer.ingress[0].ipMode: Unsupported value: "Some": supported values: "Proxy", "VIP"
          services | 'spec':{} | 'spec':{'type':'LoadBalancer'},'status':{'loadBalancer':{'ingress':[{'hostname':'10.0.0.1'}]}} | must be a DNS name, not an IP address
          services | 'spec':{} | 'spec':{'type':'ClusterIP'},'status':{'loadBalancer':{'ingress':[{'ip':'10.0.0.1'}]}} | may only be used when `spec.type` is "LoadBalancer"
          ingresses.networking.k8s.io | 'spec':{} | 'status':{'loadBalancer':{'ingress':[{'ip':'nowhere'}]}} | status.loadBalancer.ingress[0].ip: Invalid value: "nowhere": must be a valid IP address
          """)
  void checks(String resource, String existing, String updated, String complaint) {
    Causes causes = new Causes();
    Manifests.kind(resource)
        .strategy()
        .checkStatusUpdate(
            object(updated.replace("LONG", "x".repeat(1025))), object(existing), causes);
    if (complaint == null) {
      assertThat(causes.list()).isEmpty();
    } else {
      assertThat(causes.list()).extracting(Cause::toString).anyMatch(t -> t.contains(complaint));
    }
  }
}
