package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.status.Cause;
import dev.wherry.master.registry.Causes;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditions of which one member is bad. */
class ConditionChecksTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          {'type':'A','status':'True','reason':'R','lastTransitionTime':'T'} | ^^
          {'type':'a b','status':'True','reason':'R','lastTransitionTime':'T'} | status.conditions[0].type: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
          {'type':'A','status':'True','reason':'R','lastTransitionTime':'T','observedGeneration':-1} | status.conditions[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero
          {'type':'A','reason':'a;b'} | status.conditions[0].status: Unsupported value: "": supported values: "False", "True", "Unknown"; status.conditions[0].lastTransitionTime: Required value: must be set; status.conditions[0].reason: Invalid value: "a;b": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')
          """)
  void saysWhatIsWrong(String condition, String complaint) {
    Causes causes = new Causes();
    ConditionChecks.check(Manifests.json("{'conditions':[" + condition + "]}"), "status", causes);
    assertThat(causes.list().stream().map(Cause::toString).collect(Collectors.joining("; ")))
        .isEqualTo(complaint);
  }
}
