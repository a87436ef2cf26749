package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ingresses, their classes, network policies and addresses of services, with all that is said of
 * bad ones.
 */
class NetworkingKindsTest {
  private static ResourceDefinition networking(String resource) {
    return kind(resource + ".networking.k8s.io");
  }

  private static Obj named(String name, String spec) {
    return json("{'metadata':{'name':'" + name + "','namespace':'default'},'spec':" + spec + "}");
  }

  private static String joined(List<String> complaints) {
    return complaints.isEmpty() ? "fine" : String.join("; ", complaints);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          ingresses | {} | spec: Invalid value: []: either `defaultBackend` or `rules` must be specified
          ingresses | {'defaultBackend':{}} | spec.defaultBackend: Invalid value: "": resource or service backend is required
          ingresses | {'defaultBackend':{'resource':{'apiGroup':'a.b','kind':'K','name':'n'}}} | fine
          ingresses | {'defaultBackend':{'resource':{'apiGroup':'A','kind':'a/b'}}} | spec.defaultBackend.resource.apiGroup: Invalid value: "A": SUBDOMAIN; spec.defaultBackend.resource.kind: Invalid value: "a/b": may not contain '/'; spec.defaultBackend.resource.name: Required value
          ingresses | {'defaultBackend':{'service':{'port':{'number':1,'name':'a'}}}} | spec.defaultBackend.service.name: Required value; spec.defaultBackend: Invalid value: "": cannot set both port name & port number
          ingresses | {'defaultBackend':{'service':{'name':'s','port':{}}}} | spec.defaultBackend: Required value: port name or number is required
          ingresses | {'rules':[{'host':'*.a.b'},{'host':'a.b'}]} | fine
          ingresses | {'rules':[{'host':'a.*.b'}]} | spec.rules[0].host: Invalid value: "a.*.b": WILDCARD
          ingresses | {'rules':[{'host':'fd00::1'}]} | spec.rules[0].host: Invalid value: "fd00::1": must be a DNS name, not an IP address; spec.rules[0].host: Invalid value: "fd00::1": SUBDOMAIN
          ingresses | {'rules':[{'http':{'paths':[{'path':'/a'}]}}]} | spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified
          ingresses | {'rules':[{'http':{'paths':[{'path':'/a','pathType':'Some','backend':{'service':{'name':'s','port':{'number':1}}}}]}}]} | spec.rules[0].http.paths[0].pathType: Unsupported value: "Some": supported values: "Exact", "ImplementationSpecific", "Prefix"
          ingresses | {'rules':[{'http':{'paths':[{'pathType':'Exact','backend':{'service':{'name':'s','port':{'number':1}}}}]}}]} | spec.rules[0].http.paths[0].path: Invalid value: "": must be an absolute path
          ingresses | {'rules':[{'http':{'paths':[{'pathType':'ImplementationSpecific','backend':{'service':{'name':'s','port':{'name':'web'}}}}]}}]} | fine
          ingresses | {'rules':[{'http':{'paths':[{'path':'/a//b/..','pathType':'Prefix','backend':{'service':{'name':'s','port':{'number':1}}}}]}}]} | spec.rules[0].http.paths[0].path: Invalid value: "/a//b/..": must not contain '//'; spec.rules[0].http.paths[0].path: Invalid value: "/a//b/..": cannot end with '/..'
          ingresses | {'defaultBackend':{'service':{'name':'s','port':{'number':1}}},'tls':[{'hosts':['a.b','*','A'],'secretName':'a_b'}]} | spec.tls[0].hosts[1]: Invalid value: "*": WILDCARD; spec.tls[0].hosts[2]: Invalid value: "A": SUBDOMAIN; spec.tls[0].secretName: Invalid value: "a_b": SUBDOMAIN
          ingresses | {'defaultBackend':{'service':{'name':'s','port':{'number':1}}},'ingressClassName':'A'} | spec.ingressClassName: Invalid value: "A": SUBDOMAIN
          ingressclasses | {} | spec.controller: Required value
          ingressclasses | {'controller':'a.b/'} | spec.controller: Invalid value: "a.b/": must be a domain-prefixed path (such as "acme.io/foo")
          ingressclasses | {'controller':'A.b/c'} | spec.controller: Invalid value: "A.b": SUBDOMAIN
          ingressclasses | {'controller':'a.b/LONG'} | spec.controller: Too long: may not be more than 250 bytes
          ingressclasses | {'controller':'a.b/c/d','parameters':{'apiGroup':'k8s.example','kind':'K','name':'n','scope':'Namespace','namespace':'x'}} | fine
          ingressclasses | {'controller':'a.b/c','parameters':{'apiGroup':'A','scope':'Namespace','namespace':'X'}} | spec.parameters.apiGroup: Invalid value: "A": SUBDOMAIN; spec.parameters.kind: Required value; spec.parameters.name: Required value; spec.parameters.namespace: Invalid value: "X": LABEL
          ingressclasses | {'controller':'a.b/c','parameters':{'kind':'K','name':'n','scope':'Some'}} | spec.parameters.scope: Unsupported value: "Some": supported values: "Cluster", "Namespace"
          networkpolicies | {'podSelector':{},'policyTypes':['Some']} | spec.policyTypes[0]: Unsupported value: "Some": supported values: "Ingress", "Egress"
          networkpolicies | {'podSelector':{},'policyTypes':['Ingress','Egress','Ingress']} | spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes
          networkpolicies | {'podSelector':{},'egress':[{'to':[{}]}]} | spec.egress[0].to[0]: Required value: must specify a peer
          networkpolicies | {'podSelector':{},'ingress':[{'from':[{'podSelector':{},'ipBlock':{'cidr':'10.0.0.0/8'}}]}]} | spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer
          networkpolicies | {'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'x','except':['y']}}]}]} | spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          networkpolicies | {'podSelector':{},'ingress':[{'ports':[{'protocol':'Some','port':'http','endPort':90}]}]} | spec.ingress[0].ports[0].protocol: Unsupported value: "Some": supported values: "TCP", "UDP", "SCTP"; spec.ingress[0].ports[0].endPort: Invalid value: 90: may not be specified when `port` is non-numeric
          networkpolicies | {'podSelector':{},'ingress':[{'ports':[{'endPort':70000}]}]} | spec.ingress[0].ports[0].endPort: Invalid value: 70000: may not be specified when `port` is not specified
          networkpolicies | {'podSelector':{},'ingress':[{'ports':[{'port':80,'endPort':70000}]}]} | spec.ingress[0].ports[0].endPort: Invalid value: 70000: must be between 1 and 65535, inclusive
          servicecidrs | {'cidrs':['10.0.0.0/8','fd00::/64']} | fine
          servicecidrs | {'cidrs':['10.0.0.0/8','x','y']} | spec.cidrs: Invalid value: ["10.0.0.0/8","x","y"]: may only hold up to 2 values
          servicecidrs | {'cidrs':['10.0.0.0/8','11.0.0.0/8']} | spec.cidrs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64
          servicecidrs | {'cidrs':['10.0.0.0/8','x']} | spec.cidrs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          ipaddresses | {} | spec.parentRef: Required value
          ipaddresses | {'parentRef':{'resource':'services','name':'s','namespace':'default'}} | fine
          ipaddresses | {'parentRef':{'group':'A','resource':'a/b','namespace':'c%d'}} | spec.parentRef.group: Invalid value: "A": SUBDOMAIN; spec.parentRef.resource: Invalid value: "a/b": may not contain '/'; spec.parentRef.name: Required value; spec.parentRef.namespace: Invalid value: "c%d": may not contain '%'
          """)
  void saysWhatIsWrong(String resource, String spec, String complaint) {
    String given = spec.replace("LONG", "x".repeat(250));
    String name = resource.equals("ipaddresses") ? "10.0.0.1" : "x";
    assertThat(
            joined(complaints(networking(resource), named(name, given)))
                .replaceAll("a lowercase RFC 1123 subdomain must [^;]*", "SUBDOMAIN")
                .replaceAll("a lowercase RFC 1123 label must [^;]*", "LABEL")
                .replaceAll("a wildcard DNS-1123 subdomain must [^;]*", "WILDCARD"))
        .isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0} {1} to {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          servicecidrs | {'cidrs':['10.0.0.0/8']} | {'cidrs':['10.0.0.0/8','fd00::/64']} | fine
          servicecidrs | {'cidrs':['10.0.0.0/8']} | {'cidrs':['11.0.0.0/8','fd00::/64']} | spec.cidrs[0]: Invalid value: "11.0.0.0/8": field is immutable
          servicecidrs | {'cidrs':['10.0.0.0/8','fd00::/64']} | {'cidrs':['10.0.0.0/8']} | spec.cidrs: Invalid value: ["10.0.0.0/8"]: field is immutable
          servicecidrs | {'cidrs':['10.0.0.0/8','fd00::/64']} | {'cidrs':['10.0.0.0/8','fd01::/64']} | spec.cidrs[1]: Invalid value: "fd01::/64": field is immutable
          ingressclasses | {'controller':'a.b/c'} | {'controller':'a.b/c','parameters':{'kind':'K','name':'n'}} | fine
          """)
  void saysWhatMayNotChange(String resource, String before, String after, String complaint) {
    assertThat(joined(changes(networking(resource), named("x", before), named("x", after))))
        .isEqualTo(complaint);
  }

  @Test
  void newIngressesNameOneClass() {
    Obj ingress = named("x", "{'ingressClassName':'a'}");
    Obj other =
        ingress.withAt(Obj.of("kubernetes.io/ingress.class", "b"), "metadata", "annotations");
    assertThat(ofNew(ingress)).isEmpty();
    assertThat(ofNew(other))
        .containsExactly(
            "annotations.kubernetes.io/ingress.class: Invalid value: \"b\": must match"
                + " `ingressClassName` when both are specified");
    assertThat(ofNew(other.withAt("b", "spec", "ingressClassName"))).isEmpty();
    assertThat(changes(IngressKind.DEFINITION, ingress, other)).isEmpty();
  }

  private static List<String> ofNew(Obj ingress) {
    Causes causes = new Causes();
    IngressKind.DEFINITION.strategy().checkNew(ingress, causes);
    return causes.list().stream().map(Object::toString).toList();
  }

  @Test
  void saysThatARangeOfServicesThatSomebodyAddsIsNotUsed() {
    Strategy ranges = networking("servicecidrs").strategy();
    assertThat(ranges.warnings(named("more", "{'cidrs':['10.9.0.0/16']}"), Obj.EMPTY))
        .containsExactly(
            "spec.cidrs: services get no addresses of it: their range is chosen at the cluster's"
                + " first start");
    assertThat(ranges.warnings(named("kubernetes", "{'cidrs':['10.9.0.0/16']}"), Obj.EMPTY))
        .isEmpty();
  }
}
