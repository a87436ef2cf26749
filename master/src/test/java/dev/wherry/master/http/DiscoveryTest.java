package dev.wherry.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.VirtualResource;
import dev.wherry.master.registry.kinds.BuiltInKinds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What clients are told is served: names, scopes, verbs, short names, categories. */
class DiscoveryTest {
  private static final String ALL_VERBS =
      "create,delete,deletecollection,get,list,patch,update,watch";
  private static final Discovery DISCOVERY =
      new Discovery(
          Stream.concat(
                  BuiltInKinds.definitions().served().stream(),
                  BuiltInKinds.unstored(Optional::empty).stream().map(VirtualResource::definition))
              .toList());

  private static Map<String, List<Obj>> resources() {
    Map<String, List<Obj>> all = new TreeMap<>();
    all.put("v1", DISCOVERY.resources("", "v1").orElseThrow().objs("resources"));
    DISCOVERY
        .versionsByGroup()
        .forEach(
            (group, versions) ->
                versions.forEach(
                    version ->
                        all.put(
                            group + "/" + version,
                            DISCOVERY.resources(group, version).orElseThrow().objs("resources"))));
    return all;
  }

  /** {@code v1 pods Pod namespaced po all}, other verbs than all behind it. */
  private static String line(String groupVersion, Obj resource) {
    List<String> words = new ArrayList<>();
    words.add(groupVersion);
    words.add(resource.string("name"));
    words.add(resource.string("kind"));
    words.add(resource.flag("namespaced") ? "namespaced" : "cluster");
    words.add(
        resource.strings("shortNames").isEmpty()
            ? "-"
            : String.join(",", resource.strings("shortNames")));
    words.add(
        resource.strings("categories").isEmpty()
            ? "-"
            : String.join(",", resource.strings("categories")));
    String verbs = String.join(",", resource.strings("verbs"));
    if (!verbs.equals(ALL_VERBS)) {
      words.add(verbs);
    }
    return String.join(" ", words);
  }

  @Test
  void namesEveryResource() {
    List<String> lines = new ArrayList<>();
    resources()
        .forEach(
            (groupVersion, all) ->
                all.stream()
                    .filter(each -> !each.string("name").contains("/"))
                    .map(each -> line(groupVersion, each))
                    .sorted()
                    .forEach(lines::add));
    assertThat(String.join("\n", lines))
        .isEqualTo(
            """
            apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition cluster crd,crds - get,list,watch
            apps/v1 controllerrevisions ControllerRevision namespaced - -
            apps/v1 daemonsets DaemonSet namespaced ds all
            apps/v1 deployments Deployment namespaced deploy all
            apps/v1 replicasets ReplicaSet namespaced rs all
            apps/v1 statefulsets StatefulSet namespaced sts all
            authentication.k8s.io/v1 selfsubjectreviews SelfSubjectReview cluster - - create
            authentication.k8s.io/v1 tokenreviews TokenReview cluster - - create
            authorization.k8s.io/v1 localsubjectaccessreviews LocalSubjectAccessReview namespaced - - create
            authorization.k8s.io/v1 selfsubjectaccessreviews SelfSubjectAccessReview cluster - - create
            authorization.k8s.io/v1 selfsubjectrulesreviews SelfSubjectRulesReview cluster - - create
            authorization.k8s.io/v1 subjectaccessreviews SubjectAccessReview cluster - - create
            autoscaling/v1 horizontalpodautoscalers HorizontalPodAutoscaler namespaced hpa all
            autoscaling/v2 horizontalpodautoscalers HorizontalPodAutoscaler namespaced hpa all
            batch/v1 cronjobs CronJob namespaced cj all
            batch/v1 jobs Job namespaced - all
            certificates.k8s.io/v1 certificatesigningrequests CertificateSigningRequest cluster csr -
            certificates.k8s.io/v1beta1 clustertrustbundles ClusterTrustBundle cluster - -
            coordination.k8s.io/v1 leases Lease namespaced - -
            discovery.k8s.io/v1 endpointslices EndpointSlice namespaced - -
            events.k8s.io/v1 events Event namespaced ev -
            flowcontrol.apiserver.k8s.io/v1 flowschemas FlowSchema cluster - -
            flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations PriorityLevelConfiguration cluster - -
            networking.k8s.io/v1 ingressclasses IngressClass cluster - -
            networking.k8s.io/v1 ingresses Ingress namespaced ing -
            networking.k8s.io/v1 ipaddresses IPAddress cluster ip -
            networking.k8s.io/v1 networkpolicies NetworkPolicy namespaced netpol -
            networking.k8s.io/v1 servicecidrs ServiceCIDR cluster - -
            node.k8s.io/v1 runtimeclasses RuntimeClass cluster - -
            policy/v1 poddisruptionbudgets PodDisruptionBudget namespaced pdb -
            rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding cluster - -
            rbac.authorization.k8s.io/v1 clusterroles ClusterRole cluster - -
            rbac.authorization.k8s.io/v1 rolebindings RoleBinding namespaced - -
            rbac.authorization.k8s.io/v1 roles Role namespaced - -
            resource.k8s.io/v1 deviceclasses DeviceClass cluster - -
            resource.k8s.io/v1 resourceclaims ResourceClaim namespaced - -
            resource.k8s.io/v1 resourceclaimtemplates ResourceClaimTemplate namespaced - -
            resource.k8s.io/v1 resourceslices ResourceSlice cluster - -
            scheduling.k8s.io/v1 priorityclasses PriorityClass cluster pc -
            storage.k8s.io/v1 csidrivers CSIDriver cluster - -
            storage.k8s.io/v1 csinodes CSINode cluster - -
            storage.k8s.io/v1 csistoragecapacities CSIStorageCapacity namespaced - -
            storage.k8s.io/v1 storageclasses StorageClass cluster sc -
            storage.k8s.io/v1 volumeattachments VolumeAttachment cluster - -
            storage.k8s.io/v1 volumeattributesclasses VolumeAttributesClass cluster vac -
            v1 bindings Binding namespaced - - create
            v1 componentstatuses ComponentStatus cluster cs - get,list
            v1 configmaps ConfigMap namespaced cm -
            v1 endpoints Endpoints namespaced ep -
            v1 events Event namespaced ev -
            v1 limitranges LimitRange namespaced limits -
            v1 namespaces Namespace cluster ns - create,delete,get,list,patch,update,watch
            v1 nodes Node cluster no -
            v1 persistentvolumeclaims PersistentVolumeClaim namespaced pvc -
            v1 persistentvolumes PersistentVolume cluster pv -
            v1 pods Pod namespaced po all
            v1 podtemplates PodTemplate namespaced - -
            v1 replicationcontrollers ReplicationController namespaced rc all
            v1 resourcequotas ResourceQuota namespaced quota -
            v1 secrets Secret namespaced - -
            v1 serviceaccounts ServiceAccount namespaced sa -
            v1 services Service namespaced svc all""");
  }

  @Test
  void namesTheirParts() {
    List<String> parts = new ArrayList<>();
    resources()
        .values()
        .forEach(
            all -> all.forEach(each -> parts.add(each.string("name") + " " + each.string("kind"))));
    assertThat(parts)
        .contains(
            "namespaces/finalize Namespace",
            "nodes/proxy NodeProxyOptions",
            "nodes/status Node",
            "persistentvolumes/status PersistentVolume",
            "persistentvolumeclaims/status PersistentVolumeClaim",
            "pods/attach PodAttachOptions",
            "pods/binding Binding",
            "pods/ephemeralcontainers Pod",
            "pods/eviction Eviction",
            "pods/exec PodExecOptions",
            "pods/log Pod",
            "pods/portforward PodPortForwardOptions",
            "pods/proxy PodProxyOptions",
            "pods/resize Pod",
            "pods/status Pod",
            "replicationcontrollers/scale Scale",
            "resourcequotas/status ResourceQuota",
            "services/proxy ServiceProxyOptions",
            "services/status Service",
            "deployments/scale Scale",
            "replicasets/scale Scale",
            "statefulsets/scale Scale",
            "daemonsets/status DaemonSet",
            "jobs/status Job",
            "cronjobs/status CronJob",
            "horizontalpodautoscalers/status HorizontalPodAutoscaler",
            "poddisruptionbudgets/status PodDisruptionBudget",
            "ingresses/status Ingress",
            "servicecidrs/status ServiceCIDR",
            "volumeattachments/status VolumeAttachment",
            "certificatesigningrequests/approval CertificateSigningRequest",
            "certificatesigningrequests/status CertificateSigningRequest",
            "flowschemas/status FlowSchema",
            "resourceclaims/status ResourceClaim");
  }
}
