package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Projection;
import dev.wherry.api.view.Volume.Source;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustAnchorsTest {
  private static final List<Obj> BUNDLES =
      List.of(
          bundle("one", "", "live", pem("A") + "a comment\n" + pem("B")),
          bundle("example.com:s:a", "example.com/s", "live", pem("B")),
          bundle("example.com:s:b", "example.com/s", "test", pem("C") + pem("B")));

  private static String pem(String body) {
    return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
  }

  private static Obj bundle(String name, String signer, String stage, String text) {
    return Obj.of(
        "metadata",
        Obj.of("name", name, "labels", Obj.of("stage", stage)),
        "spec",
        Obj.of("signerName", signer, "trustBundle", text));
  }

  private static String anchors(String source) throws VolumeException {
    Volume volume =
        new Volume(
            Json.read(
                ("{'name':'v','projected':{'sources':[{'clusterTrustBundle':{" + source + "}}]}}")
                    .replace('\'', '"')));
    if (volume.source() instanceof Source.Projected projected
        && projected.sources().getFirst() instanceof Projection.ClusterTrustBundle wanted) {
      return TrustAnchors.of(wanted, BUNDLES);
    }
    throw new AssertionError(volume);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'name':'one' | AB
          'signerName':'example.com/s','labelSelector':{} | BC
          'signerName':'example.com/s','labelSelector':{'matchLabels':{'stage':'test'}} | CB
          'signerName':'example.com/s','optional':true | ``
          'name':'none','optional':true | ``
          """)
  void showsEachCertificateOnce(String source, String bodies) throws Exception {
    StringBuilder expected = new StringBuilder();
    bodies.chars().forEach(each -> expected.append(pem(Character.toString(each))));
    assertThat(anchors(source)).isEqualTo(expected.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'name':'none' | clustertrustbundle.certificates.k8s.io "none" not found
          'signerName':'example.com/s' | combination of signerName and labelSelector matched zero ClusterTrustBundles
          'signerName':'example.com/s','labelSelector':{'matchLabels':{'stage':'x'}} | combination of signerName and labelSelector matched zero ClusterTrustBundles
          """)
  void saysWhatIsMissing(String source, String words) {
    assertThatThrownBy(() -> anchors(source)).isInstanceOf(VolumeException.class).hasMessage(words);
  }
}
