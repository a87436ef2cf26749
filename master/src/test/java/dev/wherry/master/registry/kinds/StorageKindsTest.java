package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static dev.wherry.master.registry.kinds.Manifests.shown;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Volumes, claims and what drivers of storage say, with all that is said of bad ones. */
class StorageKindsTest {
  private static final String VOLUME =
      "'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce']";
  private static final String CLAIM =
      "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}";

  private static Obj object(String members) {
    return json(
        "{'metadata':{'name':'x','namespace':'default'},"
            + members
                .replace("VOLUME", VOLUME)
                .replace("CLAIM", CLAIM)
                .replace("LONG", "n".repeat(193))
            + "}");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          persistentvolumes | 'spec':{'accessModes':['ReadWriteOnce'],'hostPath':{'path':'/x'}} | spec.capacity: Required value; spec.capacity: Unsupported value: {}: supported values: "storage"
          persistentvolumes | 'spec':{'capacity':{'storage':'-1Gi'},'accessModes':['ReadWriteOncePod','ReadWriteOncePod'],'hostPath':{'path':'/x'}} | spec.capacity[storage]: Invalid value: -1073741824: must be a valid resource quantity; spec.capacity[storage]: Invalid value: "-1Gi": must be greater than zero
          persistentvolumes | 'spec':{VOLUME,'local':{'path':'/x'},'nodeAffinity':{}} | spec.nodeAffinity.required: Required value: must specify required node constraints; spec.nodeAffinity: Required value: Local volume requires node affinity
          persistentvolumes | 'spec':{VOLUME,'hostPath':{'path':'/./'},'persistentVolumeReclaimPolicy':'Recycle'} | spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'
          persistentvolumes | 'spec':{VOLUME,'csi':{'driver':'d.example','volumeHandle':'h'},'volumeAttributesClassName':'gold'} | fine
          persistentvolumes | 'spec':{VOLUME,'csi':{'driver':'d.example','volumeHandle':'h'},'volumeAttributesClassName':''} | spec.volumeAttributesClassName: Required value: an empty string is disallowed
          persistentvolumes | 'spec':{VOLUME,'hostPath':{'path':'/x'},'volumeAttributesClassName':'A'} | spec.volumeAttributesClassName: Invalid value: "A": SUBDOMAIN; spec.csi: Required value: has to be specified when using volumeAttributesClassName
          persistentvolumes | 'spec':{VOLUME,'csi':{'driver':'d.example','volumeHandle':'h','controllerExpandSecretRef':{'name':'A'},'nodeExpandSecretRef':{'name':'a','namespace':'n'}}} | spec.csi.controllerExpandSecretRef.name: Invalid value: "A": SUBDOMAIN; spec.csi.controllerExpandSecretRef.namespace: Required value
          persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'-1'}}} | spec.resources[storage]: Invalid value: "-1": must be greater than zero
          persistentvolumeclaims | 'spec':{CLAIM,'volumeAttributesClassName':'A'} | spec.volumeAttributesClassName: Invalid value: "A": SUBDOMAIN
          persistentvolumeclaims | 'spec':{CLAIM,'dataSourceRef':{'apiGroup':'A','kind':'K','name':'n','namespace':'N'}} | spec.dataSourceRef.apiGroup: Invalid value: "A": SUBDOMAIN; spec.dataSourceRef.namespace: Invalid value: "N": LABEL
          storageclasses.storage.k8s.io | 'provisioner':'A.b/c','parameters':{'a':'b'},'allowedTopologies':[{'matchLabelExpressions':[{'key':'z','values':['a']}]},{'matchLabelExpressions':[{'key':'z','values':['b']}]}] | fine
          storageclasses.storage.k8s.io | 'provisioner':'a b' | provisioner: Invalid value: "a b": QUALIFIED
          storageclasses.storage.k8s.io | 'provisioner':'a.b/c','parameters':{'':'b'} | parameters: Invalid value: "": field can not be empty.
          storageclasses.storage.k8s.io | 'provisioner':'a.b/c','allowedTopologies':[{'matchLabelExpressions':[{'key':'z','values':['a','a']},{'key':'z','values':[]}]}] | allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"; allowedTopologies[0].matchLabelExpressions[1].values: Required value; allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "z"
          storageclasses.storage.k8s.io | 'provisioner':'a.b/c','allowedTopologies':[{'matchLabelExpressions':[{'key':'z','values':['a']}]},{'matchLabelExpressions':[{'key':'z','values':['a']}]}] | allowedTopologies[1].matchLabelExpressions: Duplicate value: ""
          volumeattributesclasses.storage.k8s.io | 'driverName':'a b' | driverName: Invalid value: "a b": QUALIFIED; parameters: Required value: must contain at least one key/value pair
          csidrivers.storage.k8s.io | 'spec':{'nodeAllocatableUpdatePeriodSeconds':9,'tokenRequests':[{'audience':'a','expirationSeconds':4294967297}]} | spec.tokenRequests[0].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds; spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds
          csinodes.storage.k8s.io | 'spec':{'drivers':[{'name':'d.example','nodeID':'LONG','topologyKeys':['a','a','b c'],'allocatable':{'count':-1}},{'name':'d.example','nodeID':'n'}]} | spec.drivers[0].nodeID: Invalid value: "LONG": must be 192 characters or less; spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0; spec.drivers[0]: Duplicate value: "a"; spec.drivers[0]: Invalid value: "b c": QUALIFIED; spec.drivers[1].name: Duplicate value: "d.example"
          csistoragecapacities.storage.k8s.io | 'storageClassName':'A' | storageClassName: Invalid value: "A": SUBDOMAIN
          volumeattachments.storage.k8s.io | 'spec':{'attacher':'d.example','nodeName':'n','source':{'persistentVolumeName':'v'}} | fine
          volumeattachments.storage.k8s.io | 'spec':{'attacher':'D_','nodeName':'N','source':{'persistentVolumeName':'V'}} | spec.attacher: Invalid value: "D_": SUBDOMAIN; spec.source.persistentVolumeName: Invalid value: "V": SUBDOMAIN; spec.nodeName: Invalid value: "N": SUBDOMAIN
          volumeattachments.storage.k8s.io | 'spec':{'attacher':'d.example','nodeName':'n','source':{'persistentVolumeName':''}} | spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName
          volumeattachments.storage.k8s.io | 'spec':{'attacher':'d.example','nodeName':'n','source':{'persistentVolumeName':'v','inlineVolumeSpec':{}}} | spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName
          volumeattachments.storage.k8s.io | 'spec':{'attacher':'d.example','nodeName':'n','source':{'inlineVolumeSpec':{'accessModes':['ReadWriteOnce'],'csi':{'driver':'d.example','volumeHandle':'h'}}}} | fine
          volumeattachments.storage.k8s.io | 'spec':{'attacher':'d.example','nodeName':'n','source':{'inlineVolumeSpec':{VOLUME,'hostPath':{'path':'/x'},'volumeMode':'Block','persistentVolumeReclaimPolicy':'Delete','storageClassName':'s'}}} | spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes; spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes; spec.source.inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes; spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes; spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes
          """)
  void saysWhatIsWrong(String resource, String members, String complaint) {
    assertThat(shown(complaints(kind(resource), object(members))))
        .isEqualTo(complaint.replace("LONG", "n".repeat(193)));
  }

  @ParameterizedTest(name = "{0} {1} to {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          persistentvolumes | 'spec':{'csi':{'driver':'d'},'volumeAttributesClassName':'a'} | 'spec':{'csi':{'driver':'d'},'volumeAttributesClassName':'b'} | fine
          persistentvolumes | 'spec':{'csi':{'driver':'d'},'volumeAttributesClassName':'a'} | 'spec':{'csi':{'driver':'d'}} | spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden
          persistentvolumes | 'spec':{'csi':{'driver':'d'}} | 'spec':{'csi':{'driver':'d','controllerExpandSecretRef':{'name':'s','namespace':'n'}}} | fine
          persistentvolumes | 'spec':{'csi':{'driver':'d','controllerExpandSecretRef':{'name':'s','namespace':'n'}}} | 'spec':{'csi':{'driver':'d','controllerExpandSecretRef':{'name':'t','namespace':'n'}}} | spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation
          persistentvolumes | 'spec':{'hostPath':{'path':'/x'}} | 'spec':{'hostPath':{'path':'/x'},'nodeAffinity':{'required':{}},'claimRef':{'name':'c'}} | fine
          persistentvolumes | 'spec':{'hostPath':{'path':'/x'},'nodeAffinity':{'required':{}}} | 'spec':{'hostPath':{'path':'/x'}} | nodeAffinity: Invalid value: "": field is immutable
          persistentvolumeclaims | 'spec':{CLAIM} | 'spec':{CLAIM,'volumeName':'v','storageClassName':'s'} | fine
          persistentvolumeclaims | 'spec':{CLAIM,'storageClassName':''} | 'spec':{CLAIM,'storageClassName':'s'} | spec: Forbidden: SPEC
          persistentvolumeclaims | 'spec':{CLAIM,'volumeMode':'Block'} | 'spec':{CLAIM} | spec: Forbidden: SPEC; volumeMode: Invalid value: "Filesystem": field is immutable
          persistentvolumeclaims | 'spec':{CLAIM} | 'spec':{CLAIM,'volumeAttributesClassName':'a'} | spec: Forbidden: SPEC
          persistentvolumeclaims | 'status':{'phase':'Bound'},'spec':{CLAIM} | 'spec':{CLAIM,'volumeAttributesClassName':'a'} | fine
          persistentvolumeclaims | 'status':{'phase':'Bound'},'spec':{CLAIM,'volumeAttributesClassName':'a'} | 'spec':{CLAIM,'volumeAttributesClassName':'b'} | fine
          persistentvolumeclaims | 'status':{'phase':'Bound'},'spec':{CLAIM,'volumeAttributesClassName':'a'} | 'spec':{CLAIM,'volumeAttributesClassName':''} | spec.volumeAttributesClassName: Forbidden: update from non-nil value to an empty string is forbidden
          persistentvolumeclaims | 'status':{'phase':'Bound'},'spec':{CLAIM,'volumeAttributesClassName':'a'} | 'spec':{CLAIM} | spec: Forbidden: SPEC; spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden
          persistentvolumeclaims | 'status':{'phase':'Bound'},'spec':{CLAIM} | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'2Gi'}}} | fine
          persistentvolumeclaims | 'status':{'phase':'Bound'},'spec':{CLAIM} | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'2Gi'},'limits':{'storage':'3Gi'}}} | spec: Forbidden: SPEC
          persistentvolumeclaims | 'metadata':{'annotations':{'volume.beta.kubernetes.io/storage-class':'a'}},'spec':{CLAIM} | 'spec':{CLAIM,'storageClassName':'a'} | fine
          persistentvolumeclaims | 'metadata':{'annotations':{'volume.beta.kubernetes.io/storage-class':'a'}},'spec':{CLAIM} | 'metadata':{'annotations':{'volume.beta.kubernetes.io/storage-class':'b'}},'spec':{CLAIM,'storageClassName':'b'} | metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "b": field is immutable; spec: Forbidden: SPEC
          storageclasses.storage.k8s.io | 'volumeBindingMode':'Immediate' | 'volumeBindingMode':'WaitForFirstConsumer' | volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable
          csidrivers.storage.k8s.io | 'spec':{} | 'spec':{'volumeLifecycleModes':['Ephemeral'],'fsGroupPolicy':'None'} | spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable
          csinodes.storage.k8s.io | 'spec':{'drivers':[{'name':'d','nodeID':'n'}]} | 'spec':{'drivers':[{'name':'d','nodeID':'n','allocatable':{'count':5}},{'name':'e','nodeID':'n'}]} | fine
          csinodes.storage.k8s.io | 'spec':{'drivers':[{'name':'d','nodeID':'n'}]} | 'spec':{'drivers':[{'name':'d','nodeID':'m','allocatable':{'count':5}}]} | spec.drivers: Invalid value: {"name":"d","nodeID":"m"}: field is immutable
          """)
  void saysWhatMayNotChange(String resource, String before, String after, String complaint) {
    assertThat(shown(changes(kind(resource), object(before), object(after))))
        .isEqualTo(
            complaint.replace(
                "SPEC",
                "spec is immutable after creation except resources.requests and"
                    + " volumeAttributesClassName for bound claims"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'allocatedResources':{'storage':'1Gi','example.com/x':'1'},'allocatedResourceStatuses':{'storage':'NodeResizePending'} | fine
          'allocatedResources':{'cpu':'1'} | status.allocatedResources: Unsupported value: "cpu": supported values: "storage"
          'allocatedResources':{'storage':'-1'} | status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity
          'allocatedResourceStatuses':{'a b':'NodeResizePending'} | status.allocatedResourceStatus: Invalid value: "a b": QUALIFIED
          'allocatedResourceStatuses':{'storage':'Some'} | status.allocatedResourceStatus: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"
          """)
  void growthOfClaimsIsChecked(String status, String complaint) {
    Causes causes = new Causes();
    Obj claim = object("'status':{" + status + "}");
    PersistentVolumeClaimKind.DEFINITION.strategy().checkStatusUpdate(claim, claim, causes);
    assertThat(shown(causes.list().stream().map(Object::toString).toList())).isEqualTo(complaint);
  }

  @Test
  void parametersAreBounded() {
    String many =
        IntStream.range(0, 513).mapToObj(i -> "'k" + i + "':''").collect(Collectors.joining(","));
    assertThat(
            complaints(
                StorageClassKind.DEFINITION,
                object("'provisioner':'a','parameters':{" + many + "}")))
        .containsExactly("parameters: Too long: may not be more than 512 bytes");
    String large = "'a':'" + "x".repeat(256 * 1024) + "'";
    assertThat(
            complaints(
                StorageClassKind.DEFINITION,
                object("'provisioner':'a','parameters':{" + large + "}")))
        .containsExactly("parameters: Too long: may not be more than 262144 bytes");
  }
}
