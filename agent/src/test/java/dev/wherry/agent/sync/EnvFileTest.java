package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvFileTest {
  @Test
  void readsQuotedValuesAsTheyAre() {
    assertThat(
            EnvFile.parse(
                """
                # a comment
                A='one $B "x" = y'

                  B = 'two
                lines' # why
                C=bare words\s
                D=''
                A='later'"""))
        .isEqualTo(Map.of("A", "later", "B", "two\nlines", "C", "bare words", "D", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "A='x'\\nnonsense | line 2: there is no \"\"=\"\"",
        "A='x | line 1: the quote is not closed",
        "A='x' y | line 1: something follows the quote",
        "='x' | line 1: \"\"\"\" is no name",
      })
  void refusesWhatIsNoVariable(String text, String words) {
    assertThatThrownBy(() -> EnvFile.parse(text.replace("\\n", "\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(words.replace("\"\"", "\""));
  }
}
