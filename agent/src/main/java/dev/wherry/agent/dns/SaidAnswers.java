package dev.wherry.agent.dns;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was answered to questions about the cluster's names, message for message, until anything
 * about these names changes: clients ask the same again and again, and only the id differs. For one
 * thread.
 */
final class SaidAnswers {
  /** Some 100 KB with messages of a usual size, 350 KB at most. */
  private static final int MAX_ANSWERS = 256;

  /** Longer questions are rare. */
  private static final int MAX_QUERY_BYTES = 160;

  private static final int ID_BYTES = 2;

  private final Map<Question, byte[]> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, byte[]> eldest) {
          return size() > MAX_ANSWERS;
        }
      };

  private long version = -1;

  /** A query but for its id. */
  private static final class Question {
    private final byte[] query;
    private final int hash;

    Question(byte[] query) {
      this.query = query;
      int sum = 1;
      for (int i = ID_BYTES; i < query.length; i++) {
        sum = 31 * sum + query[i];
      }
      this.hash = sum;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Question that
          && Arrays.equals(query, ID_BYTES, query.length, that.query, ID_BYTES, that.query.length);
    }
  }

  /**
   * The answer to the same question, with this query's id.
   *
   * @param now the zone's version, read before
   */
  Optional<byte[]> find(byte[] query, long now) {
    if (now != version) {
      answers.clear();
      version = now;
    }
    if (query.length < ID_BYTES || query.length > MAX_QUERY_BYTES) {
      return Optional.empty();
    }
    byte[] answer = answers.get(new Question(query));
    if (answer != null) {
      answer[0] = query[0];
      answer[1] = query[1];
    }
    return Optional.ofNullable(answer);
  }

  /**
   * Keeps an answer that came of the zone's version that {@link #find} was told last.
   *
   * @param answer changed later on, when it is found
   */
  void keep(byte[] query, byte[] answer) {
    if (query.length >= ID_BYTES && query.length <= MAX_QUERY_BYTES) {
      answers.put(new Question(query), answer);
    }
  }
}
