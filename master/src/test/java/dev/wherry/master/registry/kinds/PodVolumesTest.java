package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with the volumes of pods, source by source. */
class PodVolumesTest {
  private static final String POD =
      """
      {'metadata':{'name':'p','namespace':'default'},
       'spec':{'serviceAccountName':'default','containers':[{'name':'c','image':'i:1'}]}}\
      """;

  /** Several complaints stand in one cell, after semicolons. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = true,
      textBlock =
          """
          {'name':'v','emptyDir':{'sizeLimit':'x'}} | spec.volumes[0].emptyDir.sizeLimit: Invalid value: "x": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'
          {'name':'v','hostPath':{'path':''}} | spec.volumes[0].hostPath.path: Required value
          {'name':'v','hostPath':{'path':'/a/../b'}} | spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'
          {'name':'v','hostPath':{'path':'/a','type':'Thing'}} | spec.volumes[0].hostPath.type: Unsupported value: "Thing": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"
          {'name':'v','configMap':{}} | spec.volumes[0].configMap.name: Required value
          {'name':'v','configMap':{'name':'m','defaultMode':1000}} | spec.volumes[0].configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive
          {'name':'v','configMap':{'name':'m','items':[{'key':'a'}]}} | spec.volumes[0].configMap.items[0].path: Required value
          {'name':'v','secret':{'secretName':'m','items':[{'key':'a','path':'/b'}]}} | spec.volumes[0].secret.items[0].path: Invalid value: "/b": must be a relative path
          {'name':'v','secret':{'secretName':'m','items':[{'key':'a','path':'..b'}]}} | spec.volumes[0].secret.items[0].path: Invalid value: "..b": must not start with '..'
          {'name':'v','persistentVolumeClaim':{}} | spec.volumes[0].persistentVolumeClaim.claimName: Required value
          {'name':'v','nfs':{'server':'s','path':'x'}} | spec.volumes[0].nfs.path: Invalid value: "x": must be an absolute path
          {'name':'v','iscsi':{'targetPortal':'t','iqn':'x'}} | spec.volumes[0].iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa
          {'name':'v','fc':{'wwids':[]}} | spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both
          {'name':'v','csi':{}} | spec.volumes[0].csi.driver: Required value
          {'name':'v','image':{}} | spec.volumes[0].image.reference: Required value
          {'name':'v','gitRepo':{'repository':'r','directory':'../x'}} | spec.volumes[0].gitRepo.directory: Invalid value: "../x": must not contain '..'
          {'name':'v','rbd':{'image':'i'}} | spec.volumes[0].rbd.monitors: Required value
          {'name':'v','glusterfs':{'path':'p'}} | spec.volumes[0].glusterfs.endpoints: Required value
          {'name':'v','flexVolume':{'driver':'d','options':{'kubernetes.io/x':'y'}}} | spec.volumes[0].flexVolume.options[kubernetes.io/x]: Invalid value: "kubernetes.io/x": kubernetes.io and k8s.io namespaces are reserved
          {'name':'v','ephemeral':{}} | spec.volumes[0].ephemeral.volumeClaimTemplate: Required value
          {'name':'v','ephemeral':{'volumeClaimTemplate':{'spec':{'accessModes':['ReadWriteOnce']}}}} | spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value
          {'name':'v','downwardAPI':{'items':[{'path':'p'}]}} | spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required
          {'name':'v','downwardAPI':{'items':[{'path':'p','fieldRef':{'fieldPath':'spec.nodeName'}}]}} | spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"
          {'name':'v','downwardAPI':{'items':[{'path':'p','resourceFieldRef':{'resource':'limits.cpu'}}]}} | spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value
          {'name':'v','projected':{'sources':[{'serviceAccountToken':{'path':'t','expirationSeconds':60}}]}} | spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes
          {'name':'v','projected':{'sources':[{'secret':{'name':'s'},'configMap':{'name':'m'}}]}} | spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source
          {'name':'v','projected':{'sources':[{'secret':{'name':'s','items':[{'key':'a','path':'p'}]}},{'configMap':{'name':'m','items':[{'key':'a','path':'p'}]}}]}} | spec.volumes[0].projected: Invalid value: "m": conflicting duplicate paths
          {'name':'v','emptyDir':{'sizeLimit':'-1'}} | spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity
          {'name':'v','gcePersistentDisk':{'pdName':'d','partition':256}} | spec.volumes[0].gcePersistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive
          {'name':'v','iscsi':{'targetPortal':'t','iqn':'iqn.2001-04.com.example:storage'}} |
          {'name':'v','iscsi':{'targetPortal':'t','iqn':'eui.short','initiatorName':'x'}} | spec.volumes[0].iscsi.iqn: Invalid value: "eui.short": must be valid format; spec.volumes[0].iscsi.initiatorname: Invalid value: "x": must be valid format starting with iqn, eui, or naa
          {'name':'v','flocker':{}} | spec.volumes[0].flocker: Required value: one of datasetName and datasetUUID is required
          {'name':'v','flocker':{'datasetName':'a/b','datasetUUID':'u'}} | spec.volumes[0].flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously; spec.volumes[0].flocker.datasetName: Invalid value: "a/b": must not contain '/'
          {'name':'v','storageos':{'secretRef':{}}} | spec.volumes[0].storageos.volumeName: Required value; spec.volumes[0].storageos.secretRef.name: Required value
          {'name':'v','quobyte':{'volume':'x'}} | spec.volumes[0].quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas
          {'name':'v','quobyte':{'volume':'x','registry':'a:1,b'}} | spec.volumes[0].quobyte.registry: Invalid value: "a:1,b": must be a host:port pair or multiple pairs separated by commas
          {'name':'v','cinder':{'volumeID':'x','secretRef':{}}} | spec.volumes[0].cinder.secretRef.name: Required value
          {'name':'v','azureDisk':{'diskName':'d','diskURI':'u','cachingMode':'Some'}} | spec.volumes[0].azureDisk.cachingMode: Unsupported value: "Some": supported values: "None", "ReadOnly", "ReadWrite"; spec.volumes[0].azureDisk.diskURI: Unsupported value: "u": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
          {'name':'v','csi':{'driver':'d','nodePublishSecretRef':{'name':'A'}}} | spec.volumes[0].csi.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          {'name':'v','ephemeral':{'volumeClaimTemplate':{'metadata':{'name':'n','labels':{'a':'b'}},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1'}}}}}} | spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set
          {'name':'v','projected':{'sources':[{'podCertificate':{'signerName':'a.b/c','keyType':'ED25519','keyPath':'k','maxExpirationSeconds':60}}]}} | spec.volumes[0].projected.sources[0].podCertificate.maxExpirationSeconds: Invalid value: 60: if provided, maxExpirationSeconds must be >= 3600
          {'name':'v','projected':{'sources':[{'podCertificate':{'signerName':'kubernetes.io/c','keyType':'ED25519','keyPath':'k','maxExpirationSeconds':90000}}]}} | spec.volumes[0].projected.sources[0].podCertificate.maxExpirationSeconds: Invalid value: 90000: if provided, maxExpirationSeconds must be <= 86400
          {'name':'v','projected':{'sources':[{'podCertificate':{'signerName':'a.b/c','keyType':'ED25519','keyPath':'k','certificateChainPath':'k'}}]}} | spec.volumes[0].projected: Invalid value: "k": conflicting duplicate paths
          {'name':'v','projected':{'sources':[{'clusterTrustBundle':{'name':'','path':'ca'}}]}} | spec.volumes[0].projected.sources[0].clusterTrustBundle.name: Required value: must be a valid object name; spec.volumes[0].projected.sources[0].clusterTrustBundle.name: Invalid value: "": not a valid clustertrustbundlename: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          {'name':'v','projected':{'sources':[{'secret':{'name':'s','items':[{'key':'a','path':'t'}]}},{'serviceAccountToken':{'path':'t'}}]}} |
          {'name':'v','emptyDir':{},'configMap':{'name':'x'}} | spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type
          {'name':'v','secret':{}} | spec.volumes[0].secret.secretName: Required value
          """)
  void saysWhatIsWrong(String volume, String complaint) {
    assertThat(
            String.join(
                "; ",
                complaints(PodKind.DEFINITION, with(POD, "spec/volumes", "[" + volume + "]"))))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @Test
  void aTokenNeedsAnAccount() {
    String volume = "[{'name':'v','projected':{'sources':[{'serviceAccountToken':{'path':'t'}}]}}]";
    String pod = with(POD, "spec/serviceAccountName", "''").toString();
    assertThat(complaints(PodKind.DEFINITION, with(pod, "spec/volumes", volume)))
        .containsExactly(
            "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be"
                + " specified when serviceAccountName is not set");
  }

  @Test
  void theClaimOfAnEphemeralVolumeIsThePodsOwn() {
    String claim =
        "'volumeClaimTemplate':{'spec':{'accessModes':['ReadWriteOnce'],"
            + "'resources':{'requests':{'storage':'1Gi'}}}}";
    String volumes =
        "[{'name':'a','ephemeral':{"
            + claim
            + "}},{'name':'b','persistentVolumeClaim':{'claimName':'p-a'}}]";
    assertThat(complaints(PodKind.DEFINITION, with(POD, "spec/volumes", volumes)))
        .containsExactly(
            "spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: \"p-a\": must not"
                + " reference a PVC that gets created for an ephemeral volume");
  }

  @Test
  void theNameOfAnEphemeralVolumesClaimIsBounded() {
    String name = "n".repeat(250);
    String pod = with(POD, "metadata/name", "'" + name + "'").toString();
    String volumes =
        "[{'name':'abc','ephemeral':{'volumeClaimTemplate':{'spec':{'accessModes':"
            + "['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}}}]";
    assertThat(complaints(PodKind.DEFINITION, with(pod, "spec/volumes", volumes)))
        .containsExactly(
            "spec.volumes[0].name: Invalid value: \"abc\": PVC name \""
                + name
                + "-abc\": must be no more than 253 bytes");
  }
}
