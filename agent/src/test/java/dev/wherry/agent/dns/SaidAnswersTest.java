package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class SaidAnswersTest {
  private static final long VERSION = 1;

  private final SaidAnswers said = new SaidAnswers();
  private final LongAdder times = new LongAdder();
  private final ByteBuffer answer = ByteBuffer.allocate(64);

  private boolean isSaid(byte[] query) {
    return said.find(query, query.length, VERSION, answer);
  }

  private void ask(byte[] query) {
    if (!isSaid(query)) {
      said.keep(query, query, times);
    }
  }

  @Test
  void asManyQuestionsOfOnePlaceAsItHasNeighboursAreAllKept() {
    List<byte[]> alike = ofOnePlace(SaidAnswers.NEIGHBOURS + 1);
    List<byte[]> fitting = alike.subList(0, SaidAnswers.NEIGHBOURS);
    fitting.forEach(this::ask);

    assertThat(fitting).allMatch(this::isSaid);
    ask(alike.getLast());
    assertThat(isSaid(alike.getLast())).isTrue();
    assertThat(isSaid(alike.getFirst())).as("kept for longest").isFalse();
    assertThat(fitting.subList(1, fitting.size())).allMatch(this::isSaid);
  }

  @Test
  void anAnswerIsNotThatOfALongerQuestion() {
    byte[] query = {0, 0, 1, 2};
    ask(query);

    assertThat(isSaid(new byte[] {9, 9, 1, 2})).isTrue();
    assertThat(isSaid(new byte[] {0, 0, 1, 2, 0})).isFalse();
    assertThat(times.sum()).as("found").isOne();
  }

  /** What has the same sum: one less of a byte is 31 more of the next. */
  private static List<byte[]> ofOnePlace(int count) {
    List<byte[]> queries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      queries.add(new byte[] {0, 0, (byte) (10 - i), (byte) (31 * i - 100)});
    }
    return queries;
  }
}
