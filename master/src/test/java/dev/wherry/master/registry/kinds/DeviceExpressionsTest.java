package dev.wherry.master.registry.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions as selectors of devices have them, and mistakes in them. */
class DeviceExpressionsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "device.driver == 'gpu.example.com'",
        "device.allowMultipleAllocations == true",
        "'d.example' in device.attributes && 'memory' in device.capacity['d.example']",
        "device.attributes['d.example'].ready",
        "device.attributes['d.example']['ready'] && has(device.attributes['d.example'].model)",
        "device.attributes['d.example'].cores > 2 || device.attributes['d.example'].cores == 1.0",
        "device.attributes['d.example'].name.startsWith('a')",
        "device.attributes['d.example'].names.exists(x, x.matches('a.*'))",
        "device.attributes['d.example'].version.isGreaterThan(semver('v1.2', true))",
        "device.capacity['gpu.example.com'].memory.compareTo(quantity('1Gi')) >= 0",
        "device.capacity['d.example'].memory.add(quantity('1Gi')).asInteger() < 5",
        "cel.bind(dra, device.attributes['d.example'], dra.someBool && dra.anotherBool)",
        "device.attributes['d.example'].?v.orValue(semver('1.0.0')).isGreaterThan(semver('0.9.0'))",
        "device.attributes[?'d.example'].optMap(a, a.size()).orValue(0) == 2",
        "device.attributes[?'d.example'].?name.optFlatMap(n, optional.of(true)).hasValue()",
        "['a', 'b'].exists(x, x == device.attributes['d.example'].name)",
        "[1, 2].sum() == 3 && ['a'].isSorted() && [2.0, 1.0].max() > 1.0 && ['a'].indexOf('a') == 0",
        "sets.contains(['a'], ['a']) && 'a,b'.split(',').join('-').upperAscii() == 'A-B'",
        "isIP('10.0.0.1') && ip('10.0.0.1').family() == 4 && ip.isCanonical('10.0.0.1')",
        "cidr('10.0.0.0/8').containsIP(ip('10.0.0.1')) && string(cidr('10.0.0.0/8')) != ''",
        "url('https://a.b/c?d=e').getQuery()['d'][0] == 'e' && isURL('x')",
        "!format.dns1123Label().validate('a').hasValue() && format.named('uri').hasValue()",
        "image('a.b/c:1').registry() == 'a.b' && 'a1'.find('[0-9]') == '1'",
        "[1, 2].all(i, v, i < v) && {'a': 1}.exists(k, v, k == 'a' && v == 1)",
        "[1, 2].transformList(i, v, i > 0, i * v).sum() == 2",
        "{'a': 1}.transformMap(k, v, v + 1)['a'] == 2",
        "[1].transformMapEntry(i, v, {v: i})[1] == 0",
        "timestamp('2026-01-01T00:00:00Z') < timestamp('2027-01-01T00:00:00Z')",
        "1 < 2.0"
      })
  void expressionsAreTaken(String expression) {
    assertThat(DeviceExpressions.complaint(expression)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          1 | must evaluate to bool or the unknown type, not int
          device.driver | must evaluate to bool or the unknown type, not string
          devise.driver == 'a' | compilation failed: ERROR: <input>:1:1: undeclared reference to 'devise' (in container '')
          device.drivers == 'a' | compilation failed: ERROR: <input>:1:7: undefined field 'drivers'
          device.driver == 1 | compilation failed: ERROR: <input>:1:15: found no matching overload for '_==_' applied to '(string, int)' (candidates: (%A0, %A0))
          device.driver.shout() | compilation failed: ERROR: <input>:1:20: undeclared reference to 'shout' (in container '')
          device.capacity['d'].memory > 1 | compilation failed: ERROR: <input>:1:29: found no matching overload for '_>_' applied to '(kubernetes.Quantity, int)'
          quantity(1).sign() == 0 | compilation failed: ERROR: <input>:1:9: found no matching overload for 'quantity' applied to '(int)' (candidates: (string))
          ['a', 1].size() == 2 | compilation failed: ERROR: <input>:1:7: expected type 'string' but found 'int'
          ['a'].sum() == 'a' | compilation failed: ERROR: <input>:1:10: found no matching overload for 'sum' applied to 'list(string).()'
          cel.bind(1, 2, true) | compilation failed: ERROR: <input>:1:10: Syntax error: argument must be a simple name
          """)
  void namesAndTypesAreChecked(String expression, String complaint) {
    assertThat(DeviceExpressions.complaint(expression)).get().asString().startsWith(complaint);
  }

  @Test
  void mistakesAreShownAtTheirPlace() {
    assertThat(DeviceExpressions.complaint("true &&\ndevice driver"))
        .hasValue(
            "compilation failed: ERROR: <input>:2:8: Syntax error: extraneous input 'driver'"
                + " expecting <EOF>\n | device driver\n | .......^");
    assertThat(DeviceExpressions.complaint("device.driver = 3")).isPresent();
    assertThat(DeviceExpressions.complaint("(".repeat(5000))).isPresent();
  }

  /** Neither the stack nor the time of a request is a client's to use up. */
  @Test
  void depthIsBounded() {
    assertThat(DeviceExpressions.complaint("(".repeat(200) + "true" + ")".repeat(200)))
        .get()
        .asString()
        .contains("recursion limit exceeded. limit: 100");
    assertThat(DeviceExpressions.complaint("true || ".repeat(1200) + "true")).isEmpty();
    String optional = "optional.of(1)" + ".optMap(x, x)".repeat(40) + ".hasValue()";
    assertThat(DeviceExpressions.complaint(optional)).isEmpty();
  }
}
