package dev.wherry.master.access;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.SampleCertificates;
import dev.wherry.master.pki.SampleRequests;
import java.util.LinkedHashMap;
import java.util.Map;

/** The smallest good object of each kind, by the resource's name as messages have it. */
final class Samples {
  private static final String POD =
      "'template':{'metadata':{'labels':{'app':'x'}},'spec':{'containers':[{'name':'c','image':'i:1'}]}}";
  private static final String ONCE =
      "'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i:1'}]}}";
  private static final String WORKLOAD =
      "'spec':{'selector':{'matchLabels':{'app':'x'}}," + POD + "}";
  private static final String RULES =
      "'rules':[{'apiGroups':[''],'resources':['pods'],'verbs':['get']}]";
  private static final Map<String, String> ALL = new LinkedHashMap<>();

  static {
    ALL.put("namespaces", "");
    ALL.put("nodes", "");
    ALL.put("pods", "'spec':{'containers':[{'name':'c','image':'i:1'}]}");
    ALL.put("services", "'spec':{'ports':[{'port':80}]}");
    ALL.put("endpoints", "'subsets':[{'addresses':[{'ip':'10.0.0.1'}],'ports':[{'port':80}]}]");
    ALL.put(
        "endpointslices.discovery.k8s.io",
        "'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1']}],'ports':[{'port':80}]");
    ALL.put("configmaps", "'data':{'a':'1'}");
    ALL.put("secrets", "'data':{'a':'MQ=='}");
    ALL.put("serviceaccounts", "");
    ALL.put("events", "'involvedObject':{'namespace':'default','name':'p','kind':'Pod'}");
    ALL.put("leases.coordination.k8s.io", "'spec':{'holderIdentity':'me'}");
    ALL.put("deployments.apps", WORKLOAD);
    ALL.put("replicasets.apps", WORKLOAD);
    ALL.put(
        "statefulsets.apps",
        "'spec':{'serviceName':'x','selector':{'matchLabels':{'app':'x'}},"
            + POD.replace("'i:1'", "'i:1','volumeMounts':[{'name':'data','mountPath':'/data'}]")
            + ",'volumeClaimTemplates':[{'metadata':{'name':'data'},'spec':{'accessModes':['ReadWriteOnce'],"
            + "'resources':{'requests':{'storage':'1Gi'}}}}]}");
    ALL.put("daemonsets.apps", WORKLOAD);
    ALL.put("controllerrevisions.apps", "'revision':1,'data':{'spec':{}}");
    ALL.put("replicationcontrollers", "'spec':{" + POD + "}");
    ALL.put("jobs.batch", "'spec':{" + ONCE + "}");
    ALL.put(
        "cronjobs.batch", "'spec':{'schedule':'* * * * *','jobTemplate':{'spec':{" + ONCE + "}}}");
    ALL.put(
        "horizontalpodautoscalers.autoscaling",
        "'spec':{'maxReplicas':3,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'x'}}");
    ALL.put("poddisruptionbudgets.policy", "'spec':{'minAvailable':1}");
    ALL.put(
        "persistentvolumes",
        "'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/x'}}");
    ALL.put(
        "persistentvolumeclaims",
        "'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}");
    ALL.put("storageclasses.storage.k8s.io", "'provisioner':'example.com/x'");
    ALL.put(
        "ingresses.networking.k8s.io",
        "'spec':{'defaultBackend':{'service':{'name':'x','port':{'number':80}}}}");
    ALL.put("networkpolicies.networking.k8s.io", "'spec':{'podSelector':{}}");
    ALL.put("roles.rbac.authorization.k8s.io", RULES);
    ALL.put("clusterroles.rbac.authorization.k8s.io", RULES);
    ALL.put(
        "rolebindings.rbac.authorization.k8s.io",
        "'roleRef':{'kind':'Role','name':'x'},'subjects':[{'kind':'User','name':'u'}]");
    ALL.put(
        "clusterrolebindings.rbac.authorization.k8s.io",
        "'roleRef':{'kind':'ClusterRole','name':'x'},'subjects':[{'kind':'Group','name':'g'}]");
    ALL.put("priorityclasses.scheduling.k8s.io", "'value':10");
    ALL.put("resourcequotas", "'spec':{'hard':{'pods':'3'}}");
    ALL.put("limitranges", "'spec':{'limits':[{'type':'Container','max':{'cpu':'1'}}]}");
    ALL.put(
        "certificatesigningrequests.certificates.k8s.io",
        "'spec':{'request':'"
            + SampleRequests.base64("jane")
            + "','signerName':'example.com/x','usages':['client auth']}");
    ALL.put(
        "clustertrustbundles.certificates.k8s.io",
        "'spec':{'trustBundle':'" + SampleCertificates.authority().replace("\n", "\\n") + "'}");
    ALL.put("podtemplates", POD);
    ALL.put("ingressclasses.networking.k8s.io", "'spec':{'controller':'example.com/x'}");
    ALL.put(
        "ipaddresses.networking.k8s.io",
        "'spec':{'parentRef':{'resource':'services','namespace':'default','name':'x'}}");
    ALL.put("servicecidrs.networking.k8s.io", "'spec':{'cidrs':['10.9.0.0/16']}");
    ALL.put("csidrivers.storage.k8s.io", "'spec':{}");
    ALL.put("csinodes.storage.k8s.io", "'spec':{'drivers':[]}");
    ALL.put("csistoragecapacities.storage.k8s.io", "'storageClassName':'x'");
    ALL.put(
        "volumeattachments.storage.k8s.io",
        "'spec':{'attacher':'x','nodeName':'n','source':{'persistentVolumeName':'v'}}");
    ALL.put("volumeattributesclasses.storage.k8s.io", "'driverName':'x','parameters':{'a':'b'}");
    ALL.put("runtimeclasses.node.k8s.io", "'handler':'runc'");
    ALL.put(
        "flowschemas.flowcontrol.apiserver.k8s.io",
        "'spec':{'priorityLevelConfiguration':{'name':'x'},'matchingPrecedence':1000}");
    ALL.put(
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
        "'spec':{'type':'Limited','limited':{'limitResponse':{'type':'Reject'}}}");
    ALL.put("deviceclasses.resource.k8s.io", "'spec':{}");
    ALL.put("resourceclaims.resource.k8s.io", "'spec':{}");
    ALL.put("resourceclaimtemplates.resource.k8s.io", "'spec':{'spec':{}}");
    ALL.put(
        "resourceslices.resource.k8s.io",
        "'spec':{'driver':'x','nodeName':'n','pool':{'name':'p','generation':1,'resourceSliceCount':1}}");
  }

  private Samples() {}

  /** Its members besides apiVersion, kind and metadata. */
  static Obj of(String resource) {
    String members = ALL.get(resource);
    if (members == null) {
      throw new AssertionError("no sample of " + resource);
    }
    return Json.read(("{" + members + "}").replace('\'', '"'));
  }
}
