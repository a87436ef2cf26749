package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
  @ParameterizedTest
  @CsvSource({
    "hello, docker.io/library/hello:latest",
    "hello:1, docker.io/library/hello:1",
    "wherry/hello:1, docker.io/wherry/hello:1",
    "docker.io/nginx, docker.io/library/nginx:latest",
    "index.docker.io/nginx, docker.io/library/nginx:latest",
    "localhost/a:b, localhost/a:b",
    "localhost:5000/a, localhost:5000/a:latest",
    "ghcr.io/a/b/c:1.2, ghcr.io/a/b/c:1.2",
    "127.0.0.1:1/absent:1, 127.0.0.1:1/absent:1",
  })
  void resolvesShortNamesAsKubernetesDoes(String text, String full) {
    assertThat(ImageName.parse(text)).get().hasToString(full);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Hello", "a b", "a:", "a@sha256:1", "/a", "a//b", "a:b:c/d e"})
  void refusesWhatIsNoName(String text) {
    assertThat(ImageName.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a@sha256:", "a:1@sha256:"})
  void prefersADigest(String prefix) {
    String digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    assertThat(ImageName.parse(prefix + digest))
        .get()
        .hasToString("docker.io/library/a@sha256:" + digest);
  }
}
