package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Services as they are created and changed, with all that is said of bad ones. */
class ServiceKindTest {
  private static final ResourceDefinition SERVICES = ServiceKind.DEFINITION;
  private static final Strategy STRATEGY = SERVICES.strategy();

  private static Obj created(String members) {
    return defaulted(
        SERVICES, STRATEGY.beforeCreate(defaulted(SERVICES, json("{" + members + "}"))));
  }

  private static Obj updated(String members, Obj existing) {
    return STRATEGY.beforeUpdate(defaulted(SERVICES, json("{" + members + "}")), existing);
  }

  private static String spec(String members) {
    return "'spec':{" + members + "}";
  }

  private static String text(Causes causes) {
    String all = causes.list().stream().map(Cause::toString).collect(Collectors.joining("; "));
    return all.isEmpty() ? "fine" : all;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'spec':{'ports':[{'port':80}],'externalIPs':['x']} | spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          'spec':{'ports':[{'port':80}],'externalIPs':['127.0.0.1']} | spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)
          'spec':{'ports':[{'port':80}],'externalIPs':['169.254.1.1']} | spec.externalIPs[0]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)
          'spec':{'ports':[{'port':80}],'clusterIP':'x'} | spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
          'spec':{'ports':[{'port':80}],'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.2']} | spec.clusterIPs: Invalid value: ["10.0.0.2"]: first value must match `clusterIP`
          'spec':{'type':'NodePort','clusterIP':'None','ports':[{'port':80}]} | spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services
          'spec':{'ports':[{'port':80}],'ipFamilies':['IPv5']} | spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"
          'spec':{'ports':[{'port':80}],'ipFamilyPolicy':'Some'} | spec.ipFamilyPolicy: Unsupported value: "Some": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"
          'spec':{'ports':[{'port':80,'name':'a'},{'port':80,'name':'b'}]} | spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}
          'spec':{'ports':[{'port':80,'name':'a'},{'port':81,'name':'a'}]} | spec.ports[1].name: Duplicate value: "a"
          'spec':{'type':'NodePort','ports':[{'port':80,'name':'a','nodePort':30000},{'port':81,'name':'b','nodePort':30000}]} | spec.ports[1].nodePort: Duplicate value: 30000
          'spec':{'ports':[{'port':80,'appProtocol':'a b'}]} | spec.ports[0].appProtocol: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
          'spec':{'ports':[{'port':80,'targetPort':'A_'}]} | spec.ports[0].targetPort: Invalid value: "A_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-); spec.ports[0].targetPort: Invalid value: "A_": must contain at least one letter (a-z)
          'spec':{'ports':[{'port':80}],'sessionAffinityConfig':{'clientIP':{'timeoutSeconds':1}}} | spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None
          'spec':{'ports':[{'port':80}],'sessionAffinity':'ClientIP','sessionAffinityConfig':{'clientIP':{'timeoutSeconds':90000}}} | spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400
          'spec':{'ports':[{'port':80}],'loadBalancerSourceRanges':['10.0.0.0/8']} | spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'
          'spec':{'type':'LoadBalancer','ports':[{'port':80}],'loadBalancerSourceRanges':['x']} | spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          'spec':{'ports':[{'port':80}],'allocateLoadBalancerNodePorts':true} | spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'
          'spec':{'ports':[{'port':80}],'loadBalancerClass':'a/b'} | spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'
          'spec':{'ports':[{'port':80}],'externalTrafficPolicy':'Local'} | spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services
          'spec':{'type':'NodePort','ports':[{'port':80}],'externalTrafficPolicy':'Some'} | spec.externalTrafficPolicy: Unsupported value: "Some": supported values: "Cluster", "Local"
          'spec':{'type':'NodePort','ports':[{'port':80}],'healthCheckNodePort':30001} | spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'
          'spec':{'ports':[{'port':80}],'internalTrafficPolicy':'Some'} | spec.internalTrafficPolicy: Unsupported value: "Some": supported values: "Cluster", "Local"
          'spec':{'ports':[{'port':80}],'trafficDistribution':'Some'} | spec.trafficDistribution: Unsupported value: "Some": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"
          'spec':{'type':'ExternalName','externalName':'a.b','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1']} | spec.clusterIPs: Forbidden: may not be set for ExternalName services
          'spec':{'ports':[{'port':80}],'clusterIPs':['10.0.0.1']} | spec.clusterIPs: Invalid value: ["10.0.0.1"]: must be empty when `clusterIP` is not specified
          'spec':{'ports':[{'port':80}],'clusterIP':'None','clusterIPs':['None','10.0.0.1']} | spec.clusterIPs: Invalid value: ["None","10.0.0.1"]: 'None' must be the first and only value
          'spec':{'ports':[{'port':80}],'ipFamilyPolicy':'PreferDualStack','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','10.0.0.2','10.0.0.3']} | spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3"]: may only hold up to 2 values; spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3"]: may specify no more than one IP for each IP family
          'spec':{'ports':[{'port':80}],'ipFamilyPolicy':'PreferDualStack','ipFamilies':['IPv4','IPv6'],'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','10.0.0.2']} | spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2"]: may specify no more than one IP for each IP family; spec.clusterIPs[1]: Invalid value: "10.0.0.2": expected an IPv6 value as indicated by `ipFamilies[1]`
          'spec':{'ports':[{'port':80}],'ipFamilies':['IPv4','IPv6'],'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1']} | spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified; spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified
          'spec':{'ports':[{'port':80}],'ipFamilyPolicy':'PreferDualStack','ipFamilies':['IPv4','IPv4']} | spec.ipFamilies[1]: Duplicate value: "IPv4"
          'spec':{'ports':[{'port':80}],'externalIPs':['192.0.2.1'],'externalTrafficPolicy':'Some'} | spec.externalTrafficPolicy: Unsupported value: "Some": supported values: "Cluster", "Local"
          'spec':{'ports':[{'port':80}],'externalIPs':['0.0.0.0']} | spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)
          'spec':{'type':'ExternalName','externalName':'a.b','externalIPs':['192.0.2.1'],'externalTrafficPolicy':'Local'} | spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services
          'spec':{'type':'ExternalName','externalName':'a_b','ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack'} | spec.ipFamilies: Forbidden: may not be set for ExternalName services; spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services; spec.externalName: Invalid value: "a_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
          'metadata':{'annotations':{'service.beta.kubernetes.io/load-balancer-source-ranges':'10.0.0.0/8'}},'spec':{'ports':[{'port':80}]} | metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Forbidden: may only be used when `type` is 'LoadBalancer'
          'metadata':{'annotations':{'service.beta.kubernetes.io/load-balancer-source-ranges':'10.0.0.0/8, x'}},'spec':{'type':'LoadBalancer','ports':[{'port':80}]} | metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)
          'metadata':{'annotations':{'service.kubernetes.io/topology-mode':'Auto','service.kubernetes.io/topology-aware-hints':'auto'}},'spec':{'ports':[{'port':80}]} | metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "Auto": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified
          'spec':{'ports':[{'port':80}],'ipFamilyPolicy':'PreferDualStack','clusterIP':'fd00::1','clusterIPs':['fd00::1','10.0.0.1']} | fine
          'spec':{'ports':[{'port':80}],'type':'LoadBalancer','loadBalancerSourceRanges':[' 10.0.0.0/8 '],'loadBalancerClass':'a.b/c'} | fine
          """)
  void saysWhatIsWrong(String members, String complaint) {
    Causes causes = new Causes();
    STRATEGY.check(created(members), causes);
    assertThat(text(causes)).isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'clusterIP':'10.0.0.1' | 'clusterIP':'10.0.0.2' | spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset
          'clusterIP':'10.0.0.1' | 'clusterIP':'10.0.0.2','clusterIPs':['10.0.0.1'] | spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set
          'type':'LoadBalancer','loadBalancerClass':'a/b' | 'type':'LoadBalancer','loadBalancerClass':'a/c' | spec.loadBalancerClass: Invalid value: "a/c": may not change once set
          'clusterIP':'10.0.0.1' | 'clusterIP':'None','clusterIPs':['None'] | spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set
          'clusterIP':'10.0.0.1' | 'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.2'] | spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set
          'ipFamilyPolicy':'PreferDualStack','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilies':['IPv4','IPv6'] | 'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'] | spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be 'SingleStack' to release the secondary cluster IP; spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be 'SingleStack' to release the secondary IP family
          'ipFamilyPolicy':'PreferDualStack','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilies':['IPv4','IPv6'] | 'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::2'] | spec.clusterIPs[1]: Invalid value: ["10.0.0.1","fd00::2"]: may not change once set
          'ipFamilyPolicy':'PreferDualStack','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilies':['IPv4','IPv6'] | 'ipFamilyPolicy':'SingleStack','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilies':['IPv4','IPv6'] | fine
          'clusterIP':'10.0.0.1' | 'ipFamilyPolicy':'PreferDualStack','ipFamilies':['IPv4','IPv6'] | fine
          'clusterIP':'10.0.0.1' | 'ipFamilies':['IPv6'] | spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set
          'clusterIP':'None','selector':{'a':'b'} | 'clusterIP':'None','selector':{'a':'b'},'ipFamilies':['IPv6'] | fine
          'type':'ExternalName','externalName':'a.b' | 'type':'ClusterIP','clusterIP':'10.0.0.9' | fine
          'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30001 | 'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30002 | spec.healthCheckNodePort: Forbidden: field is immutable
          'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30001 | 'type':'LoadBalancer','externalTrafficPolicy':'Local' | fine
          'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30001 | 'type':'LoadBalancer','externalTrafficPolicy':'Cluster' | fine
          """)
  void saysWhatMayNotChange(String before, String after, String complaint) {
    Obj existing = created(spec(before));
    Causes causes = new Causes();
    STRATEGY.checkUpdate(updated(spec(after), existing), existing, causes);
    assertThat(text(causes)).isEqualTo(complaint);
  }

  /** What was given to a service, and what its new type has no use for. */
  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'type':'NodePort','ports':[{'name':'a','port':80,'nodePort':30080}] | 'type':'NodePort','ports':[{'name':'a','port':81}] | 'type':'NodePort','ports':[{'name':'a','port':81,'nodePort':30080}]
          'type':'NodePort','ports':[{'name':'a','port':80,'nodePort':30080}] | 'type':'NodePort','ports':[{'name':'b','port':80}] | 'type':'NodePort','ports':[{'name':'b','port':80}]
          'type':'NodePort','ports':[{'name':'a','port':80,'nodePort':30080},{'name':'b','port':81,'nodePort':30081}] | 'type':'NodePort','ports':[{'name':'a','port':80},{'name':'c','port':81,'nodePort':30080}] | 'type':'NodePort','ports':[{'name':'a','port':80},{'name':'c','port':81,'nodePort':30080}]
          'type':'NodePort','ports':[{'port':80,'nodePort':30080}],'externalTrafficPolicy':'Local' | 'type':'ClusterIP','ports':[{'port':80,'nodePort':30080}],'externalTrafficPolicy':'Local' | 'type':'ClusterIP','ports':[{'port':80}]
          'type':'NodePort','ports':[{'port':80,'nodePort':30080}] | 'type':'ClusterIP','ports':[{'port':80,'nodePort':30081}] | 'type':'ClusterIP','ports':[{'port':80,'nodePort':30081}]
          'type':'NodePort','ports':[{'port':80,'nodePort':30080}],'externalTrafficPolicy':'Local' | 'type':'ClusterIP','externalIPs':['192.0.2.1'],'ports':[{'port':80}],'externalTrafficPolicy':'Local' | 'type':'ClusterIP','externalIPs':['192.0.2.1'],'ports':[{'port':80}],'externalTrafficPolicy':'Local'
          'type':'LoadBalancer','allocateLoadBalancerNodePorts':true,'ports':[{'port':80,'nodePort':30080}] | 'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,'ports':[{'port':80,'nodePort':30080}] | 'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,'ports':[{'port':80,'nodePort':30080}]
          'type':'LoadBalancer','allocateLoadBalancerNodePorts':true,'ports':[{'port':80,'nodePort':30080}] | 'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,'ports':[{'port':80}] | 'type':'LoadBalancer','allocateLoadBalancerNodePorts':false,'ports':[{'port':80}]
          'type':'LoadBalancer','allocateLoadBalancerNodePorts':true,'loadBalancerClass':'a/b','externalTrafficPolicy':'Local','healthCheckNodePort':30001 | 'type':'NodePort','allocateLoadBalancerNodePorts':true,'loadBalancerClass':'a/b','externalTrafficPolicy':'Local','healthCheckNodePort':30001 | 'type':'NodePort','externalTrafficPolicy':'Local'
          'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30001 | 'type':'LoadBalancer','externalTrafficPolicy':'Local' | 'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30001
          'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'] | 'clusterIP':'','clusterIPs':['10.0.0.1'] | 'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1']
          """)
  void keepsWhatWasGivenAndDropsWhatIsUnused(String before, String after, String expected) {
    Obj existing = created(spec(before));
    Obj spec = updated(spec(after), existing).obj("spec");
    assertThat(spec)
        .isEqualTo(
            defaulted(SERVICES, json("{" + spec(expected) + "}"))
                .obj("spec")
                .with("ipFamilyPolicy", "SingleStack")
                .with("ipFamilies", spec.list("ipFamilies")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      emptyValue = "",
      textBlock =
          """
          {} | IPv4 | SingleStack
          {'selector':{'a':'b'},'clusterIP':'None'} | IPv4 | SingleStack
          {'clusterIP':'None'} | IPv4,IPv6 | RequireDualStack
          {'clusterIP':'None','ipFamilies':['IPv6']} | IPv6,IPv4 | RequireDualStack
          {'clusterIP':'None','ipFamilyPolicy':'SingleStack'} | IPv4 | SingleStack
          {'clusterIP':'fd00::1'} | IPv6 | SingleStack
          {'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilyPolicy':'PreferDualStack'} | IPv4,IPv6 | PreferDualStack
          {'type':'ExternalName','externalName':'a.b'} | ^^ | ^^
          """)
  void choosesFamilies(String given, String families, String policy) {
    Obj spec = created("'spec':" + given).obj("spec");
    assertThat(String.join(",", spec.strings("ipFamilies"))).isEqualTo(families);
    assertThat(spec.string("ipFamilyPolicy")).isEqualTo(policy);
  }

  @Test
  void becomingAnExternalNameGivesTheAddressBack() {
    Obj existing = created("'spec':{'clusterIP':'10.0.0.1','ports':[{'port':80}]}");
    Obj sent =
        existing.withAt("ExternalName", "spec", "type").withAt("a.b", "spec", "externalName");
    Obj spec = STRATEGY.beforeUpdate(defaulted(SERVICES, sent), existing).obj("spec");
    for (String key : new String[] {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
      assertThat(spec.has(key)).as(key).isFalse();
    }
  }

  @Test
  void forgetsTheBalancerWithItsType() {
    Obj existing =
        created("'spec':{'type':'LoadBalancer','ports':[{'port':80}]}")
            .with("status", json("{'loadBalancer':{'ingress':[{'ip':'192.0.2.1'}]}}"));
    assertThat(defaulted(SERVICES, existing).at("status", "loadBalancer").objs("ingress"))
        .containsExactly(json("{'ip':'192.0.2.1','ipMode':'VIP'}"));
    assertThat(updated("'spec':{'type':'LoadBalancer'}", existing).obj("status"))
        .isEqualTo(existing.obj("status"));
    assertThat(updated("'spec':{'type':'NodePort'}", existing).obj("status"))
        .isEqualTo(json("{'loadBalancer':{}}"));
  }
}
