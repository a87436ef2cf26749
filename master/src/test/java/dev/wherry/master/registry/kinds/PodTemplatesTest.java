package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static dev.wherry.master.registry.kinds.Manifests.with;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with templates of pods, and what only pods must be like. */
class PodTemplatesTest {
  private static final String TEMPLATE =
      """
      {'metadata':{'name':'t','namespace':'default'},
       'template':{'metadata':{},'spec':{'containers':[{'name':'c','image':'i:1'}]}}}\
      """;

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          template/spec/containers/0/image | ' i' |
          template/spec/terminationGracePeriodSeconds | -1 |
          template/spec/volumes | [{'name':'v','projected':{'sources':[{'serviceAccountToken':{'path':'t'}}]}}] |
          template/metadata/annotations | {'controller.kubernetes.io/pod-deletion-cost':'x'} | template.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "x": must be a 32bit integer
          template/metadata/annotations | {'container.seccomp.security.alpha.kubernetes.io/c':'localhost/../x'} | template.annotations.container.seccomp.security.alpha.kubernetes.io/c: Invalid value: "../x": must not contain '..'
          template/metadata/annotations | {'/a':'x'} | template.annotations: Invalid value: "/a": prefix part must be non-empty
          template/spec/ephemeralContainers | [{'name':'d','image':'i'}] | template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template
          """)
  void saysWhatIsWrong(String path, String value, String complaint) {
    assertThat(String.join("; ", complaints(kind("podtemplates"), with(TEMPLATE, path, value))))
        .isEqualTo(complaint == null ? "" : complaint);
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'container.seccomp.security.alpha.kubernetes.io/c':'unconfined' | 'seccompProfile':{'type':'Unconfined'} |
          'container.seccomp.security.alpha.kubernetes.io/c':'docker/default' | 'seccompProfile':{'type':'RuntimeDefault'} |
          'container.seccomp.security.alpha.kubernetes.io/c':'localhost/a' | 'seccompProfile':{'type':'Localhost','localhostProfile':'b'} | template.spec.containers[0].securityContext.seccompProfile.localhostProfile: Forbidden: seccomp profile in annotation and field must match
          'container.seccomp.security.alpha.kubernetes.io/c':'unconfined' | 'seccompProfile':{'type':'RuntimeDefault'} | template.spec.containers[0].securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match
          'container.apparmor.security.beta.kubernetes.io/c':'localhost/a' | 'appArmorProfile':{'type':'Localhost','localhostProfile':'a'} |
          'container.apparmor.security.beta.kubernetes.io/c':'unconfined' | 'appArmorProfile':{'type':'Localhost','localhostProfile':'a'} | template.spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match
          """)
  void annotationsAndFieldsNameTheSameProfiles(
      String annotation, String profile, String complaint) {
    String annotated =
        with(TEMPLATE, "template/metadata/annotations", "{" + annotation + "}").toString();
    assertThat(
            String.join(
                "; ",
                complaints(
                    kind("podtemplates"),
                    with(
                        annotated,
                        "template/spec/containers/0/securityContext",
                        "{" + profile + "}"))))
        .isEqualTo(complaint == null ? "" : complaint);
  }
}
