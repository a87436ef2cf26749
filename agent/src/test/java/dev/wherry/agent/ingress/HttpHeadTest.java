package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.ingress.HttpHead.Reading;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpHeadTest {
  private final HttpHead head = new HttpHead();

  private Reading read(String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    return head.read(bytes, bytes.length);
  }

  @Test
  void findsLinesNamesAndValues() {
    String text =
        "GET /a HTTP/1.1\r\nHOST: \t web.example \r\nX-Own:\r\ncontent-Length: 42\r\n\r\n";
    assertThat(read(text + "body")).isEqualTo(Reading.WHOLE);
    assertThat(head.end()).isEqualTo(text.length());
    assertThat(head.text(0, head.lineEnd())).isEqualTo("GET /a HTTP/1.1");
    assertThat(head.count()).isEqualTo(3);
    assertThat(head.value(head.index(Field.HOST))).isEqualTo("web.example");
    assertThat(head.name(1)).isEqualTo("X-Own");
    assertThat(head.value(1)).isEmpty();
    assertThat(head.field(1)).isEqualTo(Field.OTHER);
    assertThat(head.contentLength()).isEqualTo(42);
    assertThat(head.text(head.start(3), head.end())).isEqualTo("\r\n");
  }

  @Test
  void asksForMoreAtEveryPlaceButTheLast() {
    String text = "GET / HTTP/1.1\r\nHost: a\r\nX: y z\r\n\r\n";
    for (int length = 0; length < text.length(); length++) {
      assertThat(read(text.substring(0, length))).as("%d", length).isEqualTo(Reading.INCOMPLETE);
    }
    assertThat(read(text)).isEqualTo(Reading.WHOLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\u0000b\r\n\r\n",
        "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost\r\n\r\n",
        "GET / HTTP/1.1\r\nHo(st: a\r\n\r\n",
        "GET / HTTP/1.1\r\nH\u00f6st: a\r\n\r\n",
        "GET /\u007f HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n\rX",
      })
  void refusesWhatTwoReadersCouldTakeDifferently(String text) {
    assertThat(read(text)).isEqualTo(Reading.MALFORMED);
  }

  @Test
  void boundsTheNumberOfFields() {
    String most = "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(HttpHead.MAX_FIELDS);
    assertThat(read(most + "\r\n")).isEqualTo(Reading.WHOLE);
    assertThat(read(most + "A: b\r\n\r\n")).isEqualTo(Reading.MALFORMED);
  }

  @Test
  void noticesFieldsThatComeTwice() {
    read("GET / HTTP/1.1\r\nHost: a\r\nX-Other: 1\r\nX-Other: 2\r\nhost: b\r\n\r\n");
    assertThat(head.repeatsAny(Field.HOST.bit())).isTrue();
    assertThat(head.repeatsAny(Field.CONTENT_LENGTH.bit())).isFalse();
  }

  @Test
  void readsNoNumberThatIsNone() {
    for (String text : new String[] {"", "+1", "-1", "1,1", "0x1", "1 1", "1".repeat(19)}) {
      read("GET / HTTP/1.1\r\nContent-Length: " + text + "\r\n\r\n");
      assertThat(head.contentLength()).as(text).isEqualTo(-1);
    }
  }

  @Test
  void knowsFieldsInWhateverCaseAndByPrefix() {
    read(
        "GET / HTTP/1.1\r\n"
            + "X-FORWARDED-for: a\r\n"
            + "X-Http2-Scheme: b\r\n"
            + "Transfer-Encodings: c\r\n\r\n");
    assertThat(head.field(0)).isEqualTo(Field.FORWARDED_FOR);
    assertThat(head.field(1)).isEqualTo(Field.HTTP2_EXTENSION);
    assertThat(head.field(2)).isEqualTo(Field.OTHER);
  }
}
