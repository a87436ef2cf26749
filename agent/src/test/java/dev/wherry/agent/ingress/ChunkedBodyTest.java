package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkedBodyTest {
  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "A;name=\"v\"\r\n0123456789\r\n000\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
      })
  void endsWhereTheBodyDoesHoweverItComes(String body) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 50; run++) {
      ChunkedBody chunks = new ChunkedBody();
      String all = body + "HTTP/1.1 200";
      int at = 0;
      while (!chunks.isOver()) {
        int to = Math.min(all.length(), at + 1 + random.nextInt(7));
        int taken = chunks.follow(bytes(all.substring(at, to)));
        assertThat(taken).as("seed %d at %d", seed, at).isNotNegative();
        at += taken;
      }
      assertThat(at).as("seed %d", seed).isEqualTo(body.length());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "x\r\n",
        "-1\r\n",
        "5\nhello",
        "5\r\nhello0\r\n",
        "5\r\nhello\n0\r\n",
        "5;a\u0001\r\n",
        "1234567890123456\r\n",
        "0\r\nX: 1\n\r\n",
        "0\r\n\rX",
      })
  void refusesWhatIsNoChunk(String body) {
    assertThat(new ChunkedBody().follow(bytes(body))).isNegative();
  }

  @Test
  void boundsWhatIsSaidAside() {
    String much = "x".repeat(20_000);
    assertThat(new ChunkedBody().follow(bytes("1;" + much))).isNegative();
    assertThat(new ChunkedBody().follow(bytes("0\r\nX: " + much))).isNegative();
  }
}
