package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with events: those of old, and those that say when they were. */
class EventKindTest {
  private static final String FULL =
      "'eventTime':'2026-01-01T00:00:00.000000Z','reportingComponent':'a.b/c','reportingInstance':'i'"
          + ",'action':'Act','reason':'Because'";

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          default | 'involvedObject':{} |
          default | 'involvedObject':{'namespace':'default'} |
          other | 'involvedObject':{} | involvedObject.namespace: Invalid value: "": does not match event.namespace
          kube-system | 'involvedObject':{} | involvedObject.namespace: Invalid value: "": does not match event.namespace
          default | 'involvedObject':{'namespace':'other'} | involvedObject.namespace: Invalid value: "other": does not match event.namespace
          kube-system | FULL |
          default | FULL,'involvedObject':{'namespace':'other'} |
          other | FULL | involvedObject.namespace: Invalid value: "": does not match event.namespace
          default | 'eventTime':'2026-01-01T00:00:00.000000Z','reportingComponent':'a' | reportingInstance: Required value; action: Required value; reason: Required value
          default | FULL,'message':'LONG' | message: Invalid value: "": can have at most 1024 characters
          default | FULL,'action':'LONG' | action: Invalid value: "": can have at most 128 characters
          default | FULL,'reportingComponent':'/a' | reportingController: Invalid value: "/a": prefix part must be non-empty
          default | 'message':'LONG' |
          """)
  void saysWhatIsWrong(String namespace, String members, String complaint) {
    String event =
        "{'metadata':{'name':'e','namespace':'%s'},%s}"
            .formatted(namespace, members.replace("FULL", FULL).replace("LONG", "x".repeat(1025)));
    assertThat(String.join("; ", complaints(EventKind.DEFINITION, json(event))))
        .isEqualTo(complaint == null ? "" : complaint);
  }
}
