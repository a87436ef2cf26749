package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.RegistrySettings.Endpoint;
import dev.wherry.agent.runtime.RegistrySettings.Host;
import dev.wherry.agent.runtime.RegistrySettings.Mirror;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistriesFileTest {
  @TempDir Path temporary;

  private static RegistrySettings parse(String text) {
    return RegistriesFile.parse("registries.yaml", text);
  }

  @Test
  void readsMirrorsAndHosts() {
    RegistrySettings settings =
        parse(
            """
            mirrors:
              docker.io:
                endpoint: ["https://mirror.lan:5000/v2/", "http://10.0.0.7:5000"]
                rewrite: {"^(.*)$": "hub/$1"}
              registry.lan:
                endpoint: ["http://registry.lan"]
            configs:
              "mirror.lan:5000":
                auth: {username: me, password: secret}
                tls: {ca_file: /etc/ca.pem, insecure_skip_verify: true}
              other.lan:
                auth: {auth: bWU6c2VjcmV0}
            """);
    assertThat(settings.mirrors())
        .containsExactly(
            new Mirror(
                "docker.io",
                List.of(
                    new Endpoint("mirror.lan:5000/hub", false),
                    new Endpoint("10.0.0.7:5000/hub", true))),
            new Mirror("registry.lan", List.of(new Endpoint("registry.lan", true))));
    Credentials me = new Credentials("me", "secret");
    assertThat(settings.hosts())
        .containsExactly(
            new Host("mirror.lan:5000", me, "", true, "/etc/ca.pem", "", ""),
            new Host("other.lan", me, "", false, "", "", ""));
    assertThat(settings.toString()).doesNotContain("secret");
  }

  @Test
  void takesAnEmptyFileForNothing() throws IOException {
    assertThat(parse("")).isEqualTo(RegistrySettings.NONE);
    assertThat(RegistriesFile.read(List.of(temporary.resolve("none"))))
        .isEqualTo(RegistrySettings.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mirrors: [a]                                        | mirrors: must be a mapping
          mirror: {}                                          | the file: unknown member "mirror"
          mirrors: {docker.io: {endpoint: x}}                 | mirrors.docker.io.endpoint: must be a list of URLs
          mirrors: {docker.io: {endpoint: ["https://"]}}      | mirrors.docker.io.endpoint: "https://" is no URL of a registry
          mirrors: {"*": {endpoint: ["https://m"]}}           | mirrors.*: a mirror for all registries is not supported: name each of them
          mirrors: {a: {endpoint: [], rewrite: {"^b": "c"}}}  | mirrors.a.rewrite: only "^(.*)$": "PREFIX/$1" is supported
          configs: {a: {auth: {auth: "???"}}}                 | configs.a.auth.auth: must be the base64 form of USER:PASSWORD
          configs: {"../a": {}}                               | configs.../a: is no host
          """)
  void tellsThePlaceOfWhatItCannotDo(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("registries.yaml: " + message);
  }
}
