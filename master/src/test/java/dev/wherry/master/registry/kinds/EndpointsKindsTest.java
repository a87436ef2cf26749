package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Endpoints in both forms, with all that is said of bad ones. */
class EndpointsKindsTest {
  private static final ResourceDefinition SLICES = EndpointSliceKind.DEFINITION;

  private static String joined(ResourceDefinition kind, String members) {
    return Manifests.shown(
            complaints(
                kind, json("{'metadata':{'name':'x','namespace':'default'}," + members + "}")))
        .replaceAll("a valid label must [^;]*", "VALUE");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'addressType':'IP' | addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"
          'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],'nodeName':'n','hostname':'h','zone':'z','conditions':{'ready':true},'hints':{'forZones':[{'name':'z'}],'forNodes':[{'name':'n'}]}}],'ports':[{'port':1,'appProtocol':'a.b/c'}] | fine
          'addressType':'IPv6','endpoints':[{'addresses':['fd00::1']}] | fine
          'addressType':'IPv6','endpoints':[{'addresses':['10.0.0.1']}] | endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be a valid IPv6 address
          'addressType':'IPv4','endpoints':[{'addresses':['127.0.0.1']}] | endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)
          'addressType':'FQDN','endpoints':[{'addresses':['a.b','c.d.']}] | fine
          'addressType':'FQDN','endpoints':[{'addresses':['a','A.b']}] | endpoints[0].addresses[0]: Invalid value: "a": should be a domain with at least two segments separated by dots; endpoints[0].addresses[1]: Invalid value: "A.b": SUBDOMAIN
          'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],'nodeName':'A','hostname':'a.b'}] | endpoints[0].nodeName: Invalid value: "A": SUBDOMAIN; endpoints[0].hostname: Invalid value: "a.b": must not contain dots
          'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],'hints':{'forZones':[{'name':'a b'},{'name':'z'},{'name':'z'}]}}] | endpoints[0].hints.forZones[0].name: Invalid value: "a b": VALUE; endpoints[0].hints.forZones[2].name: Duplicate value: "z"
          'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],'hints':{'forNodes':[{'name':'A'},{'name':'n'},{'name':'n'}]}}] | endpoints[0].hints.forNodes[0].name: Invalid value: "A": SUBDOMAIN; endpoints[0].hints.forNodes[2].name: Duplicate value: "n"
          'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],'hints':{'forZones':[NINE]}}] | endpoints[0].hints.forZones: Too many: 9: must have at most 8 items
          'addressType':'IPv4','ports':[{'name':'A','port':1,'protocol':'Some'},{'port':2,'appProtocol':'a b'}] | ports[0].name: Invalid value: "A": LABEL; ports[0].protocol: Unsupported value: "Some": supported values: "SCTP", "TCP", "UDP"; ports[1].appProtocol: Invalid value: "a b": QUALIFIED
          """)
  void slicesAreChecked(String members, String complaint) {
    List<String> nine = IntStream.range(0, 9).mapToObj(i -> "{'name':'z" + i + "'}").toList();
    assertThat(joined(SLICES, members.replace("NINE", String.join(",", nine))))
        .isEqualTo(complaint);
  }

  @Test
  void slicesAreBounded() {
    String one = "{'addresses':['10.0.0.1']}";
    String many = String.join(",", Collections.nCopies(1001, one));
    assertThat(joined(SLICES, "'addressType':'IPv4','endpoints':[" + many + "]"))
        .isEqualTo("endpoints: Too many: 1001: must have at most 1000 items");
    String addresses = String.join(",", Collections.nCopies(101, "'10.0.0.1'"));
    assertThat(
            joined(SLICES, "'addressType':'IPv4','endpoints':[{'addresses':[" + addresses + "]}]"))
        .isEqualTo("endpoints[0].addresses: Too many: 101: must have at most 100 items");
  }

  @Test
  void placesAreSaidByNameAlone() {
    Strategy strategy = SLICES.strategy();
    Obj sent =
        defaulted(
            SLICES,
            json(
                "{'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1'],"
                    + "'deprecatedTopology':{'kubernetes.io/hostname':'n'}}]}"));
    Obj stored = strategy.beforeCreate(sent);
    assertThat(stored.objs("endpoints")).containsExactly(json("{'addresses':['10.0.0.1']}"));
    assertThat(strategy.beforeUpdate(sent, sent)).isEqualTo(sent);
    assertThat(strategy.beforeUpdate(sent, stored)).isEqualTo(stored);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          'subsets':[{'notReadyAddresses':[{'ip':'10.0.0.1','hostname':'a','nodeName':'n'}],'ports':[{'port':1,'appProtocol':'a.b/c'}]}] | fine
          'subsets':[{'addresses':[{'ip':'0.0.0.0'}]}] | subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)
          'subsets':[{'notReadyAddresses':[{'ip':'169.254.0.1','hostname':'A','nodeName':'B'}]}] | subsets[0].notReadyAddresses[0].ip: Invalid value: "169.254.0.1": may not be in the link-local range (169.254.0.0/16, fe80::/10); subsets[0].notReadyAddresses[0].hostname: Invalid value: "A": LABEL; subsets[0].notReadyAddresses[0].nodeName: Invalid value: "B": SUBDOMAIN
          'subsets':[{'addresses':[{'ip':'10.0.0.1'}],'ports':[{'port':70000,'name':'A','protocol':'Some','appProtocol':'a b'}]}] | subsets[0].ports[0].name: Invalid value: "A": LABEL; subsets[0].ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive; subsets[0].ports[0].protocol: Unsupported value: "Some": supported values: "SCTP", "TCP", "UDP"; subsets[0].ports[0].appProtocol: Invalid value: "a b": QUALIFIED
          """)
  void endpointsAreChecked(String members, String complaint) {
    assertThat(joined(EndpointsKind.DEFINITION, members)).isEqualTo(complaint);
  }
}
