package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Strategy;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad objects and bad changes of the kinds besides pods and what makes them. */
class MoreChecksTest {
  private static Obj json(String members) {
    return Json.read(
        ("{'metadata':{'name':'x','namespace':'default'}," + members + "}").replace('\'', '"'));
  }

  private static Strategy strategy(String group, String resource) {
    GroupResource wanted = new GroupResource(group == null ? "" : group, resource);
    return BuiltInKinds.definitions().get(wanted).strategy();
  }

  private static List<String> texts(Causes causes) {
    return causes.list().stream().map(Cause::toString).toList();
  }

  @ParameterizedTest(name = "{1} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          batch | jobs | 'spec':{'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}} | spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"
          batch | jobs | 'spec':{'completionMode':'Indexed','parallelism':1,'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.completions: Required value: when completion mode is Indexed
          batch | jobs | 'spec':{'backoffLimit':-1,'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}} | spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0
          batch | cronjobs | 'spec':{'schedule':'TZ=UTC * * * * *','jobTemplate':{'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i'}]}}}}} | cannot use TZ or CRON_TZ in schedule, use timeZone field instead
          apps | daemonsets | 'spec':{'updateStrategy':{'rollingUpdate':{'maxSurge':1,'maxUnavailable':1}},'selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}} | may not be set when maxUnavailable is non-zero
          apps | statefulsets | 'spec':{'podManagementPolicy':'Some','selector':{'matchLabels':{'a':'b'}},'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}} | spec.podManagementPolicy: Invalid value: "Some": must be 'OrderedReady' or 'Parallel'
          | persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce']} | spec: Required value: must specify a volume type
          | persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'local':{'path':'/x'}} | spec.nodeAffinity: Required value: Local volume requires node affinity
          | persistentvolumes | 'spec':{'capacity':{'storage':'1Gi'},'accessModes':['Once'],'hostPath':{'path':'/a/../b'}} | spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'
          | persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce'],'resources':{}} | spec.resources[storage]: Required value
          | persistentvolumeclaims | 'spec':{'accessModes':['ReadWriteOnce','ReadWriteOncePod'],'resources':{'requests':{'storage':'1Gi'}}} | may not use ReadWriteOncePod with other access modes
          policy | poddisruptionbudgets | 'spec':{'minAvailable':1,'maxUnavailable':1} | minAvailable and maxUnavailable cannot be both set
          autoscaling | horizontalpodautoscalers | 'spec':{'minReplicas':3,'maxReplicas':2,'scaleTargetRef':{'kind':'Deployment','name':'x'}} | spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`
          networking.k8s.io | ingresses | 'spec':{} | either `defaultBackend` or `rules` must be specified
          networking.k8s.io | ingresses | 'spec':{'rules':[{'http':{'paths':[{'path':'x','pathType':'Prefix','backend':{'service':{'name':'s','port':{'number':80}}}}]}}]} | spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path
          networking.k8s.io | ingresses | 'spec':{'rules':[{'host':'10.0.0.1'}]} | must be a DNS name, not an IP address
          networking.k8s.io | networkpolicies | 'spec':{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'10.0.0.0/33'}}]}]} | must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          networking.k8s.io | networkpolicies | 'spec':{'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'10.0.0.0/8','except':['11.0.0.0/24']}}]}]} | must be a strict subset of `cidr`
          networking.k8s.io | networkpolicies | 'spec':{'podSelector':{},'ingress':[{'ports':[{'port':90,'endPort':80}]}]} | must be greater than or equal to `port`
          rbac.authorization.k8s.io | roles | 'rules':[{'apiGroups':[''],'resources':['pods']}] | rules[0].verbs: Required value: verbs must contain at least one value
          rbac.authorization.k8s.io | roles | 'rules':[{'nonResourceURLs':['/x'],'verbs':['get']}] | namespaced rules cannot apply to non-resource URLs
          rbac.authorization.k8s.io | clusterrolebindings | 'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':[{'kind':'ServiceAccount','name':'s'}] | subjects[0].namespace: Required value
          scheduling.k8s.io | priorityclasses | 'value':2000000000 | maximum allowed value of a user defined priority is 1000000000
          | limitranges | 'spec':{'limits':[{'type':'Container','max':{'cpu':'1'},'min':{'cpu':'2'}}]} | min value 2 is greater than max value 1
          | resourcequotas | 'spec':{'hard':{'pods':'-1'}} | spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0
          certificates.k8s.io | certificatesigningrequests | 'spec':{'request':'MQ==','signerName':'x','usages':['client auth']} | must be a fully qualified domain and path of the form "example.com/signer-name"
          certificates.k8s.io | clustertrustbundles | 'spec':{'trustBundle':'no certificate'} | spec.trustBundle: Invalid value: "<value omitted>": at least one trust anchor must be provided
          certificates.k8s.io | clustertrustbundles | 'spec':{'trustBundle':'-----BEGIN KEY-----\\nMQ==\\n-----END KEY-----'} | entry 0 has bad block type: KEY
          certificates.k8s.io | clustertrustbundles | 'spec':{'trustBundle':'-----BEGIN CERTIFICATE-----\\nMQ==\\n-----END CERTIFICATE-----'} | entry 0 does not parse as X.509
          certificates.k8s.io | clustertrustbundles | 'spec':{'signerName':'a.b/c','trustBundle':''} | metadata.name: Invalid value: "x": ClusterTrustBundle for signerName a.b/c must be named with prefix a.b:c:
          """)
  void saysWhatIsWrong(String group, String resource, String members, String complaint) {
    Strategy strategy = strategy(group, resource);
    Causes causes = new Causes();
    strategy.check(strategy.defaults(json(members)), causes);
    assertThat(texts(causes)).anySatisfy(text -> assertThat(text).contains(complaint));
  }

  @ParameterizedTest(name = "{1} {3}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          apps | statefulsets | 'spec':{'serviceName':'a'} | 'spec':{'serviceName':'b'} | updates to statefulset spec for fields other than
          apps | daemonsets | 'spec':{'selector':{'matchLabels':{'a':'b'}}} | 'spec':{'selector':{'matchLabels':{'a':'c'}}} | field is immutable
          apps | controllerrevisions | 'data':{'a':1} | 'data':{'a':2} | data: Invalid value: {"a":2}: field is immutable
          batch | jobs | 'spec':{'completions':1} | 'spec':{'completions':2} | spec.completions: Invalid value: 2: field is immutable
          batch | jobs | 'spec':{'template':{'spec':{'priority':1}}} | 'spec':{'template':{'spec':{'priority':2}}} | spec.template: Invalid value
          | persistentvolumes | 'spec':{'hostPath':{'path':'/a'}} | 'spec':{'hostPath':{'path':'/b'}} | spec.persistentvolumesource is immutable after creation
          | persistentvolumeclaims | 'spec':{'storageClassName':'a'} | 'spec':{'storageClassName':'b'} | spec is immutable after creation except resources.requests
          | persistentvolumeclaims | 'status':{'phase':'Bound','capacity':{'storage':'1Gi'}},'spec':{'resources':{'requests':{'storage':'2Gi'}}} | 'spec':{'resources':{'requests':{'storage':'1Gi'}}} | field can not be less than status.capacity
          storage.k8s.io | storageclasses | 'provisioner':'a' | 'provisioner':'b' | updates to provisioner are forbidden.
          rbac.authorization.k8s.io | rolebindings | 'roleRef':{'name':'a'} | 'roleRef':{'name':'b'} | cannot change roleRef
          scheduling.k8s.io | priorityclasses | 'value':1 | 'value':2 | value: Forbidden: may not be changed in an update.
          """)
  void saysWhatMayNotChange(
      String group, String resource, String before, String after, String complaint) {
    Causes causes = new Causes();
    strategy(group, resource).checkUpdate(json(after), json(before), causes);
    assertThat(texts(causes)).anySatisfy(text -> assertThat(text).contains(complaint));
    Causes none = new Causes();
    strategy(group, resource).checkUpdate(json(before), json(before), none);
    assertThat(texts(none)).isEmpty();
  }

  @ParameterizedTest(name = "{0} in {1}")
  @CsvSource({
    "10.1.0.0/16,10.0.0.0/8,true",
    "10.0.0.0/8,10.0.0.0/8,false",
    "11.0.0.0/16,10.0.0.0/8,false",
    "2001:db8:1::/48,2001:db8::/32,true",
    "2001:db9::/48,2001:db8::/32,false",
    "::1/128,::/0,true",
    "1:2:3:4:5:6:7:8/128,1:2:3:4:5:6:7::/112,true",
    "10.0.0.0/9,::/0,false",
    "10.0.0.256/32,10.0.0.0/8,false",
    "1::2::3/64,::/0,false"
  })
  void knowsRangesWithinRanges(String inner, String outer, boolean within) {
    assertThat(Cidrs.isWithin(inner, outer)).isEqualTo(within);
  }
}
