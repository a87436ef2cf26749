package dev.wherry.agent.dns;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Who waits for one answer. A question that is under way is not sent again: that would help who
 * guesses at answers (RFC 5452, 5), and would never end where another server asks this one in turn.
 * For one thread.
 */
final class Together implements Forwarder.Replies {
  /** Clients that wait for one answer. */
  static final int MAX_WAITING = 256;

  private record Waiting(byte[] query, DnsQuestion question, Forwarder.Replies client) {}

  private final List<Waiting> waiting = new ArrayList<>(1);
  private final Runnable before;

  /**
   * @param before run before the answer is handed on
   */
  Together(Runnable before) {
    this.before = before;
  }

  /** Two questions with the same are answered by the same: all but the id and the spelling. */
  static ByteBuffer key(byte[] query, DnsQuestion question) {
    byte[] plain = query.clone();
    plain[0] = 0;
    plain[1] = 0;
    for (int at = DnsQuestion.HEADER_BYTES; at < question.end(); at++) {
      if (plain[at] >= 'A' && plain[at] <= 'Z') {
        plain[at] = (byte) (plain[at] + 'a' - 'A'); // lengths of labels are below
      }
    }
    return ByteBuffer.wrap(plain);
  }

  /** False where there are too many. */
  boolean join(byte[] query, DnsQuestion question, Forwarder.Replies client) {
    return waiting.size() < MAX_WAITING && waiting.add(new Waiting(query, question, client));
  }

  /** Gives everybody the answer with their own question's id and spelling. */
  @Override
  public void reply(byte[] response) {
    before.run();
    for (Waiting each : waiting) {
      byte[] own = response.clone();
      each.question().address(each.query(), own);
      each.client().reply(own);
    }
  }
}
