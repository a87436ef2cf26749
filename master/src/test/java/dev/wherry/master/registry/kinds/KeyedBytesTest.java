package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Config maps and secrets: how much they hold, what kinds of secrets need, and what is kept. */
class KeyedBytesTest {
  private static final int MEBIBYTE = 1024 * 1024;
  private static final String TOO_LONG = ": Too long: may not be more than 1048576 bytes";

  /** The text has characters of this many bytes each, in UTF-8. */
  private static String text(String character, int bytes) {
    int width = character.getBytes(StandardCharsets.UTF_8).length;
    return character.repeat(bytes / width) + "x".repeat(bytes % width);
  }

  private static String base64(int bytes) {
    return Base64.getEncoder().encodeToString(new byte[bytes]);
  }

  @ParameterizedTest(name = "{0} of {1} bytes")
  @CsvSource({"x,1048576,true", "x,1048577,false", "ä,1048576,true", "ä,1048577,false"})
  void holdsAMebibyteOfText(String character, int bytes, boolean fits) {
    Obj map = Obj.of("data", Obj.of("k", text(character, bytes)));
    assertThat(String.join("; ", complaints(kind("configmaps"), map)))
        .isEqualTo(fits ? "" : "[]" + TOO_LONG);
  }

  @ParameterizedTest(name = "{0} bytes")
  @CsvSource({"0,true", "1,false", "2,false", "3,false"})
  void holdsAMebibyteOfBytes(int more, boolean fits) {
    Obj contents = Obj.of("k", base64(MEBIBYTE + more));
    assertThat(String.join("; ", complaints(kind("secrets"), Obj.of("data", contents))))
        .isEqualTo(fits ? "" : "data" + TOO_LONG);
    assertThat(String.join("; ", complaints(kind("configmaps"), Obj.of("binaryData", contents))))
        .isEqualTo(fits ? "" : "[]" + TOO_LONG);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'type':'kubernetes.io/ssh-auth','data':{'ssh-privatekey':''}} | data[ssh-privatekey]: Required value
          {'type':'kubernetes.io/ssh-auth','data':{'ssh-privatekey':'MQ=='}} | ^^
          {'type':'kubernetes.io/tls','data':{'tls.crt':''}} | data[tls.key]: Required value
          {'type':'kubernetes.io/tls','data':{'tls.crt':'','tls.key':''}} | ^^
          {'type':'kubernetes.io/basic-auth','data':{'password':''}} | ^^
          {'type':'kubernetes.io/dockercfg'} | data[.dockercfg]: Required value
          {'type':'kubernetes.io/dockerconfigjson','data':{'.dockerconfigjson':'e30='}} | ^^
          {'type':'mine','data':{'a/b':''}} | data[a/b]: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')
          """)
  void knowsWhatSecretsNeed(String secret, String complaint) {
    assertThat(String.join("; ", complaints(kind("secrets"), json(secret)))).isEqualTo(complaint);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'type':'a'} | {'type':'b'} | type: Invalid value: "b": field is immutable
          {'type':'Opaque'} | {} | ^^
          {'immutable':true,'data':{'a':'MQ=='}} | {'data':{'a':'Mg=='}} | immutable: Forbidden: field is immutable when `immutable` is set; data: Forbidden: field is immutable when `immutable` is set
          {'immutable':true,'data':{'a':'MQ=='}} | {'immutable':true,'data':{'a':'MQ=='},'metadata':{'labels':{'a':'b'}}} | ^^
          {'immutable':false,'data':{'a':'MQ=='}} | {'immutable':true,'data':{'a':'Mg=='}} | ^^
          """)
  void keepsWhatIsImmutable(String before, String after, String complaint) {
    assertThat(String.join("; ", changes(kind("secrets"), json(before), json(after))))
        .isEqualTo(complaint);
  }
}
