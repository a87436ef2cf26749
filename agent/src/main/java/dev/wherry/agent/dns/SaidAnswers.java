package dev.wherry.agent.dns;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * What was answered to questions about the cluster's names, message for message, until anything
 * about these names changes: clients ask the same again and again, and only the id differs. A
 * question has one of {@link #NEIGHBOURS} places, by its hash; of those the one that has been kept
 * for longest is given up. For one thread, and without an object for a question that is found: this
 * is what most questions cost.
 */
final class SaidAnswers {
  /** A power of two. 200 KB with messages of a usual size, 800 KB at most. */
  static final int MAX_ANSWERS = 512;

  /** Questions of one hash, or few of them would push each other out for ever. A power of two. */
  static final int NEIGHBOURS = 4;

  /** Longer questions are rare. */
  private static final int MAX_QUERY_BYTES = 160;

  private static final int ID_BYTES = 2;

  private record Said(byte[] query, byte[] answer, LongAdder times) {
    private static final Said NOTHING = new Said(new byte[0], new byte[0], new LongAdder());

    /** Whether this is the answer to the same question, whatever its id. */
    boolean answers(byte[] message, int length) {
      return query.length == length
          && Arrays.equals(query, ID_BYTES, length, message, ID_BYTES, length);
    }
  }

  private final Said[] places = new Said[MAX_ANSWERS];
  private long version = -1;

  SaidAnswers() {
    Arrays.fill(places, Said.NOTHING);
  }

  /**
   * Writes the answer to the same question, with this one's id.
   *
   * @param query a message; what comes after {@code length} is none of it
   * @param now the zone's version, read before
   * @param answer cleared first, and ready to be read when there is one
   * @return whether there is one
   */
  boolean find(byte[] query, int length, long now, ByteBuffer answer) {
    if (now != version) {
      Arrays.fill(places, Said.NOTHING);
      version = now;
    }
    if (!isKept(length)) {
      return false;
    }
    int first = place(query, length);
    for (int at = first; at < first + NEIGHBOURS; at++) {
      Said said = places[at];
      if (said.answers(query, length)) {
        answer.clear().put(said.answer());
        answer.put(0, query[0]).put(1, query[1]).flip();
        said.times().increment();
        return true;
      }
    }
    return false;
  }

  /**
   * Keeps an answer that came of the zone's version that {@link #find} was told last.
   *
   * @param answer of no more bytes than {@link #find}'s buffer takes; not changed any more
   * @param times counts how often it is found
   */
  void keep(byte[] query, byte[] answer, LongAdder times) {
    if (isKept(query.length)) {
      int first = place(query, query.length);
      System.arraycopy(places, first, places, first + 1, NEIGHBOURS - 1);
      places[first] = new Said(query, answer, times);
    }
  }

  private static boolean isKept(int length) {
    return length >= ID_BYTES && length <= MAX_QUERY_BYTES;
  }

  /** The first place for a question. */
  private static int place(byte[] query, int length) {
    int sum = 1;
    for (int i = ID_BYTES; i < length; i++) {
      sum = 31 * sum + query[i];
    }
    return (sum ^ sum >>> 16) & MAX_ANSWERS - NEIGHBOURS;
  }
}
