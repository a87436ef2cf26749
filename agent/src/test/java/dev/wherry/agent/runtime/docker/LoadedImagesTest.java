package dev.wherry.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.runtime.EngineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadedImagesTest {
  @Test
  void namesTheImages() throws Exception {
    String answer =
        """
        {"status":"Loading layer","id":"1"}
        {"stream":"Loaded image: wherry/hello:1\\n"}
        {"stream":"Loaded image: wherry/pause:1\\n"}
        """;
    assertThat(LoadedImages.of(answer)).containsExactly("wherry/hello:1", "wherry/pause:1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"stream\":\"Loaded image: a:1\"} {\"error\":\"unexpected EOF\"} | unexpected EOF",
        "<html>                                                       | no answer to a load: <html>"
      })
  void saysWhyTheyAreNotLoaded(String answer, String words) {
    assertThatThrownBy(() -> LoadedImages.of(answer.replace("} {", "}\n{")))
        .isInstanceOf(EngineException.class)
        .hasMessage(words);
  }
}
