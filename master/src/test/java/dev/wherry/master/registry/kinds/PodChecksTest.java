package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Cause;
import dev.wherry.master.registry.Causes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with pods, field by field. */
class PodChecksTest {
  private static final String POD =
      """
      {'metadata':{'name':'p','namespace':'default'},
       'spec':{'volumes':[{'name':'v','emptyDir':{}}],
        'containers':[{'name':'c','image':'i:1','ports':[{'containerPort':80,'name':'http'}],
         'volumeMounts':[{'name':'v','mountPath':'/v'}],
         'resources':{'requests':{'cpu':'100m'},'limits':{'cpu':'1','memory':'64Mi'}}}]}}\
      """;

  /** Several complaints stand in one cell, after semicolons. */
  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = true,
      textBlock =
          """
          spec/volumes | [{'name':'v','emptyDir':{}},{'name':'p','projected':{'sources':[{'clusterTrustBundle':{'path':'ca'}}]}}] | spec.volumes[1].projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified
          spec/volumes | [{'name':'v','emptyDir':{}},{'name':'p','projected':{'sources':[{'clusterTrustBundle':{'name':'a','labelSelector':{},'path':'ca'}}]}}] | spec.volumes[1].projected.sources[0].clusterTrustBundle.labelSelector: Invalid value: {}: labelSelector must be unset if name is specified
          spec/volumes | [{'name':'v','emptyDir':{}},{'name':'p','projected':{'sources':[{'clusterTrustBundle':{'signerName':'a','path':'../ca'}}]}}] | spec.volumes[1].projected.sources[0].clusterTrustBundle.signerName: Invalid value: "a": must be a fully qualified domain and path of the form 'example.com/signer-name'; spec.volumes[1].projected.sources[0].clusterTrustBundle.path: Invalid value: "../ca": must not contain '..'
          spec/volumes | [{'name':'v','emptyDir':{}},{'name':'p','projected':{'sources':[{'podCertificate':{'signerName':'a.b/c','keyType':'DSA','keyPath':'k'}}]}}] | spec.volumes[1].projected.sources[0].podCertificate.keyType: Unsupported value: "DSA": supported values: "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"
          spec/volumes | [{'name':'v','emptyDir':{}},{'name':'p','projected':{'sources':[{'podCertificate':{'signerName':'a.b/c','keyType':'ED25519'}}]}}] | spec.volumes[1].projected.sources[0].podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath
          spec/securityContext | {'windowsOptions':{'gmsaCredentialSpec':''}} | spec.securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string
          spec/containers/0/securityContext | {'windowsOptions':{'runAsUserName':''}} | spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string
          spec/securityContext | {'windowsOptions':{'hostProcess':true}} | spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers
          spec | {'os':{'name':'windows'},'securityContext':{'fsGroup':1},'containers':[{'name':'c','image':'i','securityContext':{'privileged':false}}]} | spec.securityContext.fsGroup: Forbidden: cannot be set for a windows pod; spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod
          spec | {'os':{'name':'linux'},'containers':[{'name':'c','image':'i','securityContext':{'windowsOptions':{}}}]} | spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod
          spec/initContainers | [{'name':'c','image':'i'}] | spec.initContainers[0].name: Duplicate value: "c"
          spec/initContainers | [{'name':'i','image':'i','restartPolicy':'Some'}] | spec.initContainers[0].restartPolicy: Unsupported value: "Some": supported values: "Always", "Never", "OnFailure"
          spec/initContainers | [{'name':'i','image':'i','livenessProbe':{'exec':{'command':['x']}}}] | spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always
          spec/initContainers | [{'name':'i','image':'i','lifecycle':{'preStop':{'exec':{'command':['x']}}}}] | spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always
          spec/initContainers | [{'name':'i','image':'i','restartPolicy':'Always','livenessProbe':{}}] | spec.initContainers[0].livenessProbe: Required value: must specify a handler type
          spec/containers/0/restartPolicy | 'Some' | spec.containers[0].restartPolicy: Unsupported value: "Some": supported values: "Always", "Never", "OnFailure"
          spec/containers/0/restartPolicyRules | [{'action':'Restart','exitCodes':{'operator':'In','values':[1]}}] | spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used
          spec/containers/0/restartPolicyRules | [{'action':'Stop','exitCodes':{'operator':'In','values':[1]}}] | spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used; spec.containers[0].restartPolicyRules[0].action: Unsupported value: "Stop": supported values: "Restart", "RestartAllContainers"
          spec/containers/0/restartPolicyRules | [{'action':'Restart'}] | spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used; spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified
          spec/containers/0/restartPolicyRules | [{'action':'Restart','exitCodes':{'operator':'Eq','values':[1]}}] | spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used; spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "Eq": supported values: "In", "NotIn"
          spec/containers/0/terminationMessagePolicy | 'Some' | spec.containers[0].terminationMessagePolicy: Unsupported value: "Some": supported values: "File", "FallbackToLogsOnError"
          spec/containers/0/ports | [{'containerPort':80,'name':'a'},{'containerPort':81,'name':'a'}] | spec.containers[0].ports[1].name: Duplicate value: "a"
          spec/containers/0/ports | [{'name':'a'}] | spec.containers[0].ports[0].containerPort: Required value
          spec/containers/0/ports | [{'containerPort':80,'hostPort':70000}] | spec.containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive
          spec/containers/0/ports | [{'containerPort':80,'hostPort':90},{'containerPort':81,'hostPort':90}] | spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//90"
          spec/containers/0/ports | [{'containerPort':80,'name':'a--b'}] | spec.containers[0].ports[0].name: Invalid value: "a--b": must not contain consecutive hyphens
          spec/containers/0/ports | [{'containerPort':80,'name':'80'}] | spec.containers[0].ports[0].name: Invalid value: "80": must contain at least one letter (a-z)
          spec/containers/0/env | [{'name':'A=B','value':'1'}] | spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='
          spec/containers/0/env | [{'name':'A','valueFrom':{}}] | spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`
          spec/containers/0/env | [{'name':'A','value':'1','valueFrom':{'fieldRef':{'fieldPath':'metadata.name'}}}] | spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty
          spec/containers/0/env | [{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.name'},'secretKeyRef':{'name':'s','key':'k'}}}] | spec.containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time
          spec/containers/0/env | [{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'spec.nothing'}}}] | spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.nothing": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"
          spec/containers/0/env | [{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.name[\\u0027x\\u0027]'}}}] | spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: "metadata.name": does not support subscript
          spec/containers/0/env | [{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.disk'}}}] | spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"
          spec/containers/0/env | [{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu','divisor':'1Ki'}}}] | spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource
          spec/containers/0/env | [{'name':'A','valueFrom':{'secretKeyRef':{'name':'s','key':'a b'}}}] | spec.containers[0].env[0].valueFrom.secretKeyRef.key: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')
          spec/containers/0/env | [{'name':'A','valueFrom':{'configMapKeyRef':{'name':'m'}}}] | spec.containers[0].env[0].valueFrom.configMapKeyRef.key: Required value
          spec/containers/0/envFrom | [{}] | spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`
          spec/containers/0/envFrom | [{'configMapRef':{'name':'a'},'secretRef':{'name':'b'}}] | spec.containers[0].envFrom: Invalid value: "": may not have more than one field specified at a time
          spec/containers/0/envFrom | [{'secretRef':{}}] | spec.containers[0].envFrom[0].secretRef.name: Required value
          spec/containers/0/volumeMounts | [{'name':'v','mountPath':'/v'},{'name':'v','mountPath':'/v'}] | spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique
          spec/containers/0/volumeMounts | [{'name':'v','mountPath':'/v','subPath':'/x'}] | spec.containers[0].volumeMounts.subPath: Invalid value: "/x": must be a relative path
          spec/containers/0/volumeMounts | [{'name':'v','mountPath':'/v','subPath':'a/../b'}] | spec.containers[0].volumeMounts.subPath: Invalid value: "a/../b": must not contain '..'
          spec/containers/0/volumeMounts | [{'name':'v','mountPath':'/v','subPath':'a','subPathExpr':'b'}] | spec.containers[0].volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive
          spec/containers/0/volumeMounts | [{'name':'v','mountPath':'/v','mountPropagation':'Some'}] | spec.containers[0].volumeMounts.mountPropagation: Unsupported value: "Some": supported values: "Bidirectional", "HostToContainer", "None"
          spec/containers/0/volumeMounts | [{'name':'v','mountPath':'/v','mountPropagation':'Bidirectional'}] | spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers
          spec/containers/0/volumeMounts | [{'name':'v','mountPath':'/v','recursiveReadOnly':'Enabled'}] | spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true
          spec/containers/0/volumeDevices | [{'name':'w','devicePath':'/d'}] | spec.containers[0].volumeDevices[0].name: Not found: "w"
          spec/containers/0/resources | {'requests':{'disk':'1'}} | spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource type or fully qualified; spec.containers[0].resources.requests[disk]: Invalid value: "disk": must be a standard resource for containers
          spec/containers/0/resources | {'limits':{'example.com/gpu':'1.5'},'requests':{'example.com/gpu':'1.5'}} | spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "1.5": must be an integer; spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "1.5": must be an integer
          spec/containers/0/resources | {'limits':{'example.com/gpu':'2'},'requests':{'example.com/gpu':'1'}} | spec.containers[0].resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2
          spec/containers/0/resources | {'limits':{'hugepages-2Mi':'4Mi'}} | spec.containers[0].resources: Forbidden: HugePages require cpu or memory
          spec/containers/0/resources | {'claims':[{'name':'gpu'}]} | spec.containers[0].resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty
          spec/containers/0/resizePolicy | [{'resourceName':'disk','restartPolicy':'NotRequired'}] | spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"
          spec/containers/0/resizePolicy | [{'resourceName':'cpu','restartPolicy':'Some'}] | spec.containers[0].resizePolicy: Unsupported value: "Some": supported values: "NotRequired", "RestartContainer"
          spec/containers/0/resizePolicy | [{'resourceName':'cpu','restartPolicy':'NotRequired'},{'resourceName':'cpu','restartPolicy':'NotRequired'}] | spec.containers[0].resizePolicy[1]: Duplicate value: "cpu"
          spec/containers/0/readinessProbe | {'exec':{'command':['x']},'tcpSocket':{'port':1}} | spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type
          spec/containers/0/readinessProbe | {'exec':{}} | spec.containers[0].readinessProbe.exec.command: Required value
          spec/containers/0/readinessProbe | {'httpGet':{'port':80,'scheme':'FTP'}} | spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"
          spec/containers/0/readinessProbe | {'httpGet':{'port':0}} | spec.containers[0].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive
          spec/containers/0/readinessProbe | {'httpGet':{'port':80,'httpHeaders':[{'name':'a b','value':'x'}]}} | spec.containers[0].readinessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')
          spec/containers/0/readinessProbe | {'tcpSocket':{'port':'a b'}} | spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: "a b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)
          spec/containers/0/readinessProbe | {'grpc':{'port':0}} | spec.containers[0].readinessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive
          spec/containers/0/readinessProbe | {'exec':{'command':['x']},'periodSeconds':-1} | spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0
          spec/containers/0/readinessProbe | {'exec':{'command':['x']},'terminationGracePeriodSeconds':1} | spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes
          spec/containers/0/livenessProbe | {'exec':{'command':['x']},'terminationGracePeriodSeconds':0} | spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0
          spec/containers/0/startupProbe | {'exec':{'command':['x']},'successThreshold':3} | spec.containers[0].startupProbe.successThreshold: Invalid value: 3: must be 1
          spec/containers/0/lifecycle | {'preStop':{'sleep':{'seconds':31}}} | spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)
          spec/containers/0/lifecycle | {'postStart':{}} | spec.containers[0].lifecycle.postStart: Required value: must specify a handler type
          spec/containers/0/securityContext | {'runAsUser':-1} | spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive
          spec/containers/0/securityContext | {'privileged':true,'allowPrivilegeEscalation':false} | spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true
          spec/containers/0/securityContext | {'procMount':'Some'} | spec.containers[0].securityContext.procMount: Unsupported value: "Some": supported values: "Default", "Unmasked"
          spec/containers/0/securityContext | {'seccompProfile':{'type':'Localhost'}} | spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost
          spec/containers/0/securityContext | {'seccompProfile':{'type':'RuntimeDefault','localhostProfile':'x'}} | spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "x": can only be set when seccomp type is Localhost
          spec/containers/0/securityContext | {'seccompProfile':{}} | spec.containers[0].securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set
          spec/containers/0/securityContext | {'appArmorProfile':{'type':'Some'}} | spec.containers[0].securityContext.appArmorProfile.type: Unsupported value: "Some": supported values: "Localhost", "RuntimeDefault", "Unconfined"
          spec/securityContext | {'fsGroup':-1} | spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive
          spec/securityContext | {'supplementalGroups':[-5]} | spec.securityContext.supplementalGroups[0]: Invalid value: -5: must be between 0 and 2147483647, inclusive
          spec/securityContext | {'sysctls':[{'name':'A B','value':'1'}]} | spec.securityContext.sysctls[0].name: Invalid value: "A B": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$
          spec/securityContext | {'sysctls':[{'name':'a.b','value':'1'},{'name':'a.b','value':'2'}]} | spec.securityContext.sysctls[1].name: Duplicate value: "a.b"
          spec/securityContext | {'fsGroupChangePolicy':'Some'} | spec.securityContext.fsGroupChangePolicy: Unsupported value: "Some": supported values: "Always", "OnRootMismatch"
          spec/securityContext | {'supplementalGroupsPolicy':'Some'} | spec.securityContext.supplementalGroupsPolicy: Unsupported value: "Some": supported values: "Merge", "Strict"
          spec/volumes/0/name | '' | spec.volumes[0].name: Required value; spec.containers[0].volumeMounts[0].name: Not found: "v"
          spec/volumes/0 | {'name':'v','hostPath':{'path':''}} | spec.volumes[0].hostPath.path: Required value; spec.containers[0].volumeMounts[0].name: Not found: "v"
          spec/affinity | {'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{}}} | spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term
          spec/affinity | {'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'a','operator':'Is'}]}]}}} | spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator
          spec/affinity | {'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'a','operator':'Gt','values':['1','2']}]}]}}} | spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'
          spec/affinity | {'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms':[{'matchFields':[{'key':'spec.x','operator':'In','values':['a']}]}]}}} | spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].key: Invalid value: "spec.x": not a valid field selector key
          spec/affinity | {'nodeAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':0,'preference':{}}]}} | spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100
          spec/affinity | {'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'labelSelector':{}}]}} | spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty; spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must be non-empty; spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
          spec/affinity | {'podAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':101,'podAffinityTerm':{'topologyKey':'a'}}]}} | spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100
          spec/topologySpreadConstraints | [{'topologyKey':'a','whenUnsatisfiable':'DoNotSchedule'}] | spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero
          spec/topologySpreadConstraints | [{'maxSkew':1,'whenUnsatisfiable':'DoNotSchedule'}] | spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'a'}] | spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'a','whenUnsatisfiable':'ScheduleAnyway','minDomains':2}] | spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'a','whenUnsatisfiable':'DoNotSchedule'},{'maxSkew':2,'topologyKey':'a','whenUnsatisfiable':'DoNotSchedule'}] | spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{a, DoNotSchedule}"
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'a','whenUnsatisfiable':'DoNotSchedule','nodeTaintsPolicy':'Some'}] | spec.topologySpreadConstraints[0].nodeTaintsPolicy: Unsupported value: "Some": supported values: "Honor", "Ignore"
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'a','whenUnsatisfiable':'DoNotSchedule','matchLabelKeys':['x']}] | spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'a','whenUnsatisfiable':'DoNotSchedule','matchLabelKeys':['x'],'labelSelector':{'matchLabels':{'x':'y'},'matchExpressions':[{'key':'x','operator':'In','values':['z']}]}}] | spec.topologySpreadConstraints[0][0]: Invalid value: "x": exists in both matchLabelKeys and labelSelector
          spec/affinity | {'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'a','labelSelector':{},'matchLabelKeys':['x'],'mismatchLabelKeys':['x']}]}} | spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0]: Invalid value: "x": exists in both matchLabelKeys and mismatchLabelKeys
          spec/tolerations | [{'operator':'Equal'}] | spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"
          spec/tolerations | [{'key':'a','operator':'Exists','value':'x'}] | spec.tolerations[0].operator: Invalid value: "x": value must be empty when `operator` is 'Exists'
          spec/tolerations | [{'key':'a','operator':'Exists','effect':'NoSchedule','tolerationSeconds':1}] | spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when `tolerationSeconds` is set
          spec/tolerations | [{'key':'a','operator':'Exists','effect':'Some'}] | spec.tolerations[0].effect: Unsupported value: "Some": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"
          spec/hostAliases | [{'ip':'x','hostnames':['a']}] | spec.hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          spec/hostAliases | [{'ip':'1.1.1.1','hostnames':['A']}] | spec.hostAliases[0].hostnames[0]: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          spec/dnsPolicy | 'None' | spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None
          spec/dnsConfig | {'nameservers':['a']} | spec.dnsConfig.nameservers[0]: Invalid value: "a": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          spec/dnsConfig | {'nameservers':['1.1.1.1','1.1.1.2','1.1.1.3','1.1.1.4']} | spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers
          spec/dnsConfig | {'options':[{'value':'2'}]} | spec.dnsConfig.options[0]: Required value: must not be empty
          spec/readinessGates | [{'conditionType':'a b'}] | spec.readinessGates[0].conditionType: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
          spec/schedulingGates | [{'name':'a'},{'name':'a'}] | spec.schedulingGates[1]: Duplicate value: "a"
          spec/activeDeadlineSeconds | 0 | spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive
          spec/preemptionPolicy | 'Some' | spec.preemptionPolicy: Unsupported value: "Some": supported values: "PreemptLowerPriority", "Never"
          spec/resourceClaims | [{'name':'a'}] | spec.resourceClaims[0]: Invalid value: {"name":"a"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`
          spec/os | {'name':'plan9'} | spec.os: Unsupported value: "plan9": supported values: "linux", "windows"
          spec/hostname | 'a.b' | spec.hostname: Invalid value: "a.b": must not contain dots
          spec | {'hostUsers':false,'hostIPC':true,'containers':[{'name':'c','image':'i'}]} | spec.HostIPC: Forbidden: when `hostUsers` is false
          spec | {'hostUsers':false,'hostNetwork':true,'containers':[{'name':'c','image':'i'}]} | spec.hostNetwork: Forbidden: when `hostUsers` is false
          spec | {'hostUsers':false,'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':'b'}}],'containers':[{'name':'c','image':'i','volumeDevices':[{'name':'v','devicePath':'/d'}]}]} | spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false
          spec/hostnameOverride | 'a.example' |
          spec/hostnameOverride | 'A' | spec.hostnameOverride: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          spec/hostnameOverride | '' | spec.hostnameOverride: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          spec/hostnameOverride | 'a123456789.b123456789.c123456789.d123456789.e123456789.f123456789' | spec.hostnameOverride: Too long: may not be more than 64 bytes
          spec | {'hostnameOverride':'a','setHostnameAsFQDN':true,'containers':[{'name':'c','image':'i'}]} | spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true
          spec | {'hostnameOverride':'a','hostNetwork':true,'containers':[{'name':'c','image':'i'}]} | spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true
          spec/dnsConfig | {'searches':['_a.b_c.example','.','x.']} |
          spec/dnsConfig | {'searches':['A']} | spec.dnsConfig.searches[0]: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')
          spec/containers/0/lifecycle | {'stopSignal':'SIGTERM'} | spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with empty `spec.os.name`
          spec | {'os':{'name':'linux'},'containers':[{'name':'c','image':'i','lifecycle':{'stopSignal':'SIGRTMIN+15'}}]} |
          spec | {'os':{'name':'windows'},'containers':[{'name':'c','image':'i','lifecycle':{'stopSignal':'SIGHUP'}}]} | spec.containers[0].lifecycle.stopSignal: Unsupported value: "SIGHUP": supported values: "SIGKILL", "SIGTERM"
          spec/containers/0/ports | [{'containerPort':80,'name':'-a'}] | spec.containers[0].ports[0].name: Invalid value: "-a": must not begin or end with a hyphen
          spec/containers/0/image | ' i' | spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace
          spec/initContainers | [{'name':'i','image':'i','ports':[{'containerPort':1,'hostPort':9},{'containerPort':2,'hostPort':9}]}] | spec.initContainers[0].ports[1].hostPort: Duplicate value: "TCP//9"
          spec/initContainers | [{'name':'i','image':'i','ports':[{'containerPort':1,'hostPort':9}]},{'name':'j','image':'i','ports':[{'containerPort':1,'hostPort':9}]}] |
          spec/initContainers | [{'name':'i','image':'i','resizePolicy':[{'resourceName':'cpu','restartPolicy':'RestartContainer'}]}] | spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to 'RestartContainer' for non-sidecar initContainers
          spec/initContainers | [{'name':'i','image':'i','restartPolicy':'Always','resizePolicy':[{'resourceName':'cpu','restartPolicy':'RestartContainer'}]}] |
          spec | {'restartPolicy':'Never','containers':[{'name':'c','image':'i','resizePolicy':[{'resourceName':'cpu','restartPolicy':'RestartContainer'}]}]} | spec.containers[0].resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when pod `restartPolicy` is 'Never'
          spec/containers/0/volumeMounts | [{'name':'','mountPath':'/v'}] | spec.containers[0].volumeMounts[0].name: Required value; spec.containers[0].volumeMounts[0].name: Not found: ""
          spec/containers/0/resources | {'requests':{'pods':'1'}} | spec.containers[0].resources.requests[pods]: Invalid value: "pods": must be a standard resource for containers
          spec/containers/0/resources | {'limits':{'requests.example.com/gpu':'1'}} | spec.containers[0].resources.limits[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn't follow extended resource name standard; spec.containers[0].resources.requests[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn't follow extended resource name standard
          spec/containers/0/resources | {'limits':{'cpu':'1','hugepages-2Mi':'3Mi'}} | spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi; spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi
          spec/containers/0/env | [{'name':'A','valueFrom':{'fileKeyRef':{'volumeName':'v','path':'e.env','key':'K'}}}] |
          spec/containers/0/env | [{'name':'A','valueFrom':{'fileKeyRef':{'volumeName':'w','path':'../e','key':'K=L'}}}] | spec.containers[0].env[0].valueFrom.fileKeyRef.key: Invalid value: "K=L": a valid environment variable name must consist only of printable ASCII characters other than '='; spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: "../e": must not contain '..'; spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "w"
          spec | {'volumes':[{'name':'v','hostPath':{'path':'/x'}}],'containers':[{'name':'c','image':'i','env':[{'name':'A','valueFrom':{'fileKeyRef':{'volumeName':'v','path':'e','key':'K'}}}]}]} | spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir
          spec/containers/0/env | [{'name':'A','valueFrom':{'fileKeyRef':{}}}] | spec.containers[0].env[0].valueFrom.fileKeyRef.key: Required value; spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Required value; spec.containers[0].env[0].valueFrom.fileKeyRef.path: Required value; spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: ""
          spec/overhead | {'disk':'1','cpu':'-1'} | spec.overhead.limits[disk]: Invalid value: "disk": must be a standard resource type or fully qualified; spec.overhead.limits[disk]: Invalid value: "disk": must be a standard resource for containers; spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0
          spec/resources | {'limits':{'ephemeral-storage':'1Gi'}} | spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"
          spec/resources | {'requests':{'cpu':'50m'}} | spec.resources.requests[cpu]: Invalid value: "50m": must be greater than or equal to aggregate container requests of 100m
          spec/resources | {'limits':{'cpu':'500m'}} | spec.resources.containers[0][cpu].limits: Invalid value: "1": must be less than or equal to pod limits of 500m
          spec/resources | {'claims':[]} | spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level
          spec | {'os':{'name':'windows'},'resources':{'limits':{'cpu':'1'}},'containers':[{'name':'c','image':'i'}]} | spec.resources: Forbidden: may not be set for a windows pod
          spec | {'os':{'name':'windows'},'hostUsers':false,'shareProcessNamespace':false,'containers':[{'name':'c','image':'i'}]} | spec.hostUsers: Forbidden: cannot be set for a windows pod; spec.shareProcessNamespace: Forbidden: cannot be set for a windows pod
          spec | {'os':{'name':'windows'},'securityContext':{'seLinuxChangePolicy':'Recursive'},'containers':[{'name':'c','image':'i'}]} | spec.securityContext.seLinuxChangePolicy: Forbidden: cannot be set for a windows pod
          spec | {'hostNetwork':true,'securityContext':{'windowsOptions':{'hostProcess':true}},'initContainers':[{'name':'i','image':'i','securityContext':{'windowsOptions':{'hostProcess':false}}}],'containers':[{'name':'c','image':'i'}]} | spec.initContainers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical if both are specified, was true; spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers
          spec/securityContext | {'windowsOptions':{'runAsUserName':'bad?domain\\\\user'}} | spec.securityContext.windowsOptions.runAsUserName: Invalid value: "bad?domain\\\\user": runAsUserName's Domain doesn't match the NetBios nor the DNS format
          spec/resourceClaims | [{'name':'a','resourceClaimName':'B'}] | spec.resourceClaims[0].resourceClaimName: Invalid value: "B": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          spec | {'resourceClaims':[{'name':'a','resourceClaimName':'b'},{'name':'z','resourceClaimName':'b'}],'containers':[{'name':'c','image':'i','resources':{'claims':[{'name':'a','request':'r'},{'name':'a'},{'name':'x'}]}}]} | spec.containers[0].resources.claims[1]: Duplicate value: "a"; spec.containers[0].resources.claims[2]: Not found: "x": must be one of the names in pod.spec.resourceClaims: a, z
          spec/affinity | {'nodeAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':1,'preference':{'matchExpressions':[{'key':'a','operator':'In','values':['b c']}]}}]}} |
          spec/affinity | {'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'a','labelSelector':{'matchLabels':{'x':'y'}},'mismatchLabelKeys':['x']}]}} |
          spec/topologySpreadConstraints | [{'maxSkew':1,'topologyKey':'a b','whenUnsatisfiable':'DoNotSchedule'}] |
          metadata/annotations | {'kubernetes.io/config.mirror':'x'} | metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set
          metadata/annotations | {'controller.kubernetes.io/pod-deletion-cost':'+1'} | metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit integer
          metadata/annotations | {'controller.kubernetes.io/pod-deletion-cost':'2147483648'} | metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "2147483648": must be a 32bit integer
          metadata/annotations | {'controller.kubernetes.io/pod-deletion-cost':'-2147483648'} |
          metadata/annotations | {'seccomp.security.alpha.kubernetes.io/pod':'none'} | metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "none": must be a valid seccomp profile
          metadata/annotations | {'container.apparmor.security.beta.kubernetes.io/x':'some'} | metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "x": container not found; metadata.annotations[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: "some": invalid AppArmor profile name: "some"
          """)
  void saysWhatIsWrong(String path, String value, String complaint) {
    assertThat(String.join("; ", complaints(PodKind.DEFINITION, with(POD, path, value))))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @Test
  void sharesOfTheHostExcludeUsersOfItsOwn() {
    assertThat(
            complaints(
                PodKind.DEFINITION,
                with(with(POD, "spec/hostUsers", "false").toString(), "spec/hostPID", "true")))
        .containsExactly("spec.HostPID: Forbidden: when `hostUsers` is false");
    assertThat(
            complaints(
                PodKind.DEFINITION,
                with(
                    with(POD, "spec/shareProcessNamespace", "true").toString(),
                    "spec/hostPID",
                    "true")))
        .containsExactly(
            "spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace"
                + " and HostPID cannot both be enabled");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'ephemeralContainers':[{'name':'d','image':'i'}]} | spec.ephemeralContainers: Forbidden: cannot be set on create
          {'nodeName':'n','schedulingGates':[{'name':'a'}]} | spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared
          """)
  void saysWhatANewPodMayNotHave(String spec, String complaint) {
    Causes causes = new Causes();
    PodKind.DEFINITION.strategy().checkNew(with(POD, "spec", spec), causes);
    assertThat(causes.list()).extracting(Cause::toString).containsExactly(complaint);
  }
}
