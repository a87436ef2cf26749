package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.SampleCertificates;
import dev.wherry.master.registry.ResourceDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bundles with anchors that are certificates, or not, and their names. */
class ClusterTrustBundleKindTest {
  private static final ResourceDefinition KIND = kind("clustertrustbundles.certificates.k8s.io");
  private static final String OTHER = "-----BEGIN KEY-----\nMQ==\n-----END KEY-----\n";

  private static Obj bundle(String name, String signer, String anchors) {
    return Obj.of(
        "metadata",
        Obj.of("name", name),
        "spec",
        Obj.of("signerName", signer, "trustBundle", anchors));
  }

  @Test
  void tellsOfAnchorsThatComeTwice() {
    String one = SampleCertificates.authority();
    String two = SampleCertificates.authority();
    assertThat(complaints(KIND, bundle("x", "", one + two))).isEmpty();
    assertThat(complaints(KIND, bundle("x", "", one + two + one)))
        .containsExactly(
            "spec.trustBundle: Invalid value: \"<value omitted>\": duplicate trust anchor (indices"
                + " [0 2])");
    assertThat(complaints(KIND, bundle("x", "", one + OTHER + one)))
        .containsExactly(
            "spec.trustBundle: Invalid value: \"<value omitted>\": entry 1 has bad block type: KEY");
  }

  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          a.b:c:x | a.b/c | ^^
          a.b:c:x | ^^    | metadata.name: Invalid value: "a.b:c:x": ClusterTrustBundle without signer name must not have ":" in its name
          x       | a.b/c | metadata.name: Invalid value: "x": ClusterTrustBundle for signerName a.b/c must be named with prefix a.b:c:
          """)
  void namesThemAfterTheirSigners(String name, String signer, String complaint) {
    assertThat(
            String.join(
                "; ", complaints(KIND, bundle(name, signer, SampleCertificates.authority()))))
        .isEqualTo(complaint);
  }

  @Test
  void keepsTheSigner() {
    assertThat(
            changes(
                KIND,
                json("{'spec':{'signerName':'a.b/c'}}"),
                json("{'spec':{'signerName':'a.b/d'}}")))
        .containsExactly("spec.signerName: Invalid value: \"a.b/d\": field is immutable");
  }
}
