package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions as selectors of devices have them, and mistakes in them. */
class CelSyntaxTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "device.driver == 'gpu.example.com'",
        "device.attributes['gpu.example.com'].model == 'a' && has(device.capacity)",
        "device.capacity['gpu.example.com'].memory.compareTo(quantity('1Gi')) >= 0",
        "cel.bind(dra, device.attributes['d.example'], dra.someBool && dra.anotherBool)",
        "device.attributes['d.example'].?v.orValue(semver('1.0.0')).isGreaterThan(semver('0.9.0'))",
        "['a', 'b'].exists(x, x == device.attributes['d.example'].name)"
      })
  void expressionsAreTaken(String expression) {
    assertThat(CelSyntax.complaint(expression)).isEmpty();
  }

  @Test
  void mistakesAreShownAtTheirPlace() {
    assertThat(CelSyntax.complaint("true &&\ndevice driver"))
        .hasValue(
            "compilation failed: ERROR: <input>:2:8: Syntax error: extraneous input 'driver'"
                + " expecting <EOF>\n | device driver\n | .......^");
    assertThat(CelSyntax.complaint("device.driver = 3")).isPresent();
    assertThat(CelSyntax.complaint("(".repeat(5000))).isPresent();
  }
}
