package dev.wherry.master.access;

import static dev.wherry.master.access.TestCluster.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.AdmissionOptions;
import dev.wherry.master.registry.Warnings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Versions of the standards, labels of namespaces, defaults and exemptions. */
class PodSecurityTest {
  private static final ObjectKey NAMESPACE = new ObjectKey("", "default");
  private static final String DEFAULTS =
      """
      {'apiVersion':'apiserver.config.k8s.io/v1','kind':'AdmissionConfiguration',
       'plugins':[{'name':'PodSecurity','configuration':{
         'apiVersion':'pod-security.admission.config.k8s.io/v1','kind':'PodSecurityConfiguration',
         'defaults':{'enforce':'baseline','enforce-version':'v1.30'},
         'exemptions':{'usernames':['bob'],'namespaces':['free'],'runtimeClasses':['vm']}}}]}\
      """;

  private TestCluster cluster = new TestCluster();

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static Obj pod(String name, String spec, String container) {
    return json(
        "{'metadata':{'name':'%s','namespace':'default'},'spec':{%s'containers':[{'name':'c','image':'hello:1'%s}]}}"
            .formatted(name, spec, container));
  }

  private List<String> label(String labels) {
    List<String> warnings = new ArrayList<>();
    Obj namespace = cluster.objects.get(GroupResource.NAMESPACES, NAMESPACE);
    Obj labelled = namespace.withAt(json(labels), "metadata", "labels");
    Warnings.heardBy(
        warnings::add, () -> cluster.objects.update(GroupResource.NAMESPACES, labelled));
    return warnings;
  }

  /** What a version of a standard says to a pod; empty where it lets it through. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          baseline   | v1.33  | ''                                                                           | ,'livenessProbe':{'httpGet':{'port':80,'host':'10.0.0.1'}} | ''
          baseline   | v1.34  | ''                                                                           | ,'livenessProbe':{'httpGet':{'port':80,'host':'10.0.0.1'}} | probe or lifecycle host (container "c" uses probe or lifecycle host 10.0.0.1)
          baseline   | latest | ''                                                                           | ,'lifecycle':{'preStop':{'tcpSocket':{'port':80,'host':'h'}}} | probe or lifecycle host (container "c" uses probe or lifecycle host h)
          baseline   | v1.26  | 'securityContext':{'sysctls':[{'name':'net.ipv4.ip_local_reserved_ports','value':'1'}]}, | ''  | forbidden sysctls (net.ipv4.ip_local_reserved_ports)
          baseline   | v1.27  | 'securityContext':{'sysctls':[{'name':'net.ipv4.ip_local_reserved_ports','value':'1'}]}, | ''  | ''
          baseline   | v1.30  | 'securityContext':{'seLinuxOptions':{'type':'container_engine_t'}},           | ''  | seLinuxOptions (pod set forbidden securityContext.seLinuxOptions)
          baseline   | v1.31  | 'securityContext':{'seLinuxOptions':{'type':'container_engine_t'}},           | ''  | ''
          baseline   | v1.34  | 'hostUsers':false, | ,'securityContext':{'procMount':'Unmasked'} | procMount (container "c" must not set securityContext.procMount to "Unmasked")
          baseline   | v1.35  | 'hostUsers':false, | ,'securityContext':{'procMount':'Unmasked'} | ''
          restricted | v1.20  | 'hostUsers':false,'securityContext':{'runAsUser':0,'seccompProfile':{'type':'RuntimeDefault'}}, | ,'securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']}} | ''
          restricted | latest | 'hostUsers':false,'securityContext':{'runAsUser':0,'seccompProfile':{'type':'RuntimeDefault'}}, | ,'securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']}} | ''
          restricted | latest | 'hostUsers':false,'securityContext':{'seccompProfile':{'type':'RuntimeDefault'}}, | ,'securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']},'procMount':'Unmasked'} | procMount (container "c" must not set securityContext.procMount to "Unmasked")
          restricted | latest | 'securityContext':{'seccompProfile':{'type':'RuntimeDefault'}}, | ,'securityContext':{'allowPrivilegeEscalation':false,'capabilities':{'drop':['ALL']}} | runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)
          restricted | v1.18  | 'securityContext':{'runAsNonRoot':true},                                      | ,'securityContext':{'allowPrivilegeEscalation':false} | ''
          restricted | v1.19  | 'securityContext':{'runAsNonRoot':true},                                      | ,'securityContext':{'allowPrivilegeEscalation':false} | seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")
          restricted | v1.22  | 'securityContext':{'runAsNonRoot':true,'seccompProfile':{'type':'RuntimeDefault'}}, | ,'securityContext':{'allowPrivilegeEscalation':false} | unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])
          """)
  void eachVersionHasItsControls(
      String level, String version, String spec, String container, String violation) {
    label(
        "{'pod-security.kubernetes.io/enforce':'%s','pod-security.kubernetes.io/enforce-version':'%s'}"
            .formatted(level, version));
    Obj pod = pod("p", spec, container);
    if (violation.isEmpty()) {
      cluster.objects.create(GroupResource.PODS, pod);
    } else {
      assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, pod))
          .hasMessage(
              "pods \"p\" is forbidden: violates PodSecurity \"%s:%s\": %s"
                  .formatted(level, version, violation));
    }
  }

  @Test
  void stricterLabelsTellOfThePodsThatAreThere() {
    cluster.objects.create(GroupResource.PODS, pod("a", "'hostNetwork':true,", ""));
    cluster.objects.create(GroupResource.PODS, pod("b", "'hostNetwork':true,", ""));
    cluster.objects.create(
        GroupResource.PODS, pod("c", "", ",'securityContext':{'privileged':true}"));
    assertThat(label("{'pod-security.kubernetes.io/enforce':'baseline'}"))
        .containsExactly(
            "existing pods in namespace \"default\" violate the new PodSecurity enforce level"
                + " \"baseline:latest\"",
            "a (and 1 other pod): host namespaces",
            "c: privileged");
    assertThat(label("{'pod-security.kubernetes.io/enforce':'baseline','x':'y'}")).isEmpty();
  }

  @Test
  void labelsThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> label("{'pod-security.kubernetes.io/enforce':'tight'}"))
        .hasMessage(
            "Namespace \"default\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]:"
                + " Invalid value: \"tight\": must be one of privileged, baseline, restricted");
    assertThatThrownBy(() -> label("{'pod-security.kubernetes.io/warn-version':'1.30'}"))
        .hasMessageEndingWith("Invalid value: \"1.30\": must be \"latest\" or \"v1.x\"");
  }

  @Test
  void aConfigurationHasDefaultsAndExemptions() throws Exception {
    cluster.close();
    cluster = new TestCluster(AdmissionOptions.parse(json(DEFAULTS)));
    Obj pod = pod("p", "'hostPID':true,", "");
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, pod))
        .hasMessageContaining("violates PodSecurity \"baseline:v1.30\": host namespaces");
    Identity bob = new Identity("bob", List.of("system:masters"));
    cluster.entrance.as(bob).create(GroupResource.PODS, pod);
    cluster.objects.create(GroupResource.NAMESPACES, InitialObjects.namespace("free"));
    cluster.objects.create(GroupResource.PODS, pod.withAt("free", "metadata", "namespace"));
    label("{'pod-security.kubernetes.io/enforce':'privileged'}");
    cluster.objects.create(GroupResource.PODS, pod("q", "'hostPID':true,", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'kind':'AdmissionConfiguration' -> 'kind':'Config' | expected apiVersion apiserver.config.k8s.io/v1 and kind AdmissionConfiguration, not "apiserver.config.k8s.io/v1" and "Config"
          'name':'PodSecurity' -> 'name':'EventRateLimit'    | the plugin "EventRateLimit" has no configuration here
          'enforce':'baseline' -> 'enforce':'tight'          | defaults.enforce: Invalid value: "tight"
          'v1.30' -> '1.30'                                  | defaults.enforce-version: Invalid value: "1.30"
          """)
  void refusesWhatIsNoConfiguration(String change, String message) {
    String[] parts = change.split(" -> ", -1);
    assertThatThrownBy(() -> AdmissionOptions.parse(json(DEFAULTS.replace(parts[0], parts[1]))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
