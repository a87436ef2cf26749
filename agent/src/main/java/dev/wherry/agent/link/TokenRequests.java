package dev.wherry.agent.link;

import dev.wherry.agent.volume.TokenSource;
import dev.wherry.agent.volume.TokenWish;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.proto.v1.TokenAnswer;
import dev.wherry.proto.v1.TokenRequest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the master for tokens over the session that is open. With none the answer is that there is
 * nobody to ask: at once, but before the first attempt at a session has ended. At most {@value
 * #MAX_ASKED} requests are on their way; others wait for their turn. Thread-safe.
 */
final class TokenRequests implements TokenSource {
  static final int MAX_ASKED = 32;

  /** How long pods of an agent that has just started wait for its first session at most. */
  private static final Duration FIRST_SESSION = Duration.ofSeconds(5);

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final String TOO_MANY = "TooManyRequests";
  private static final TokenAnswer TOO_LATE =
      TokenAnswer.newBuilder()
          .setReason("Timeout")
          .setMessage("the master did not answer within " + ANSWER.toSeconds() + " s")
          .build();

  private final Consumer<TokenRequest> send;
  private final long firstDeadline;
  private final Semaphore turns = new Semaphore(MAX_ASKED, true);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();

  /** Of what is asked in the open session: empty until the answer comes. */
  private final Map<String, Optional<TokenAnswer>> answers = new HashMap<>();

  private boolean open;

  /** No attempt at a session has succeeded or failed yet. */
  private boolean first = true;

  private long asked;

  /**
   * @param send has the open session say it; never blocks
   */
  TokenRequests(Consumer<TokenRequest> send) {
    this(send, FIRST_SESSION);
  }

  /**
   * @param patience with the first attempt at a session
   */
  TokenRequests(Consumer<TokenRequest> send, Duration patience) {
    this.send = send;
    this.firstDeadline = System.nanoTime() + patience.toNanos();
  }

  @Override
  public Answer ask(TokenWish wish) throws InterruptedException {
    if (!awaitSession()) {
      return new Answer.OutOfReach();
    }
    long deadline = System.nanoTime() + ANSWER.toNanos();
    while (true) {
      @Nullable TokenAnswer answer;
      turns.acquire();
      try {
        answer = askOnce(wish, deadline);
      } finally {
        turns.release();
      }
      if (answer == null) {
        return new Answer.OutOfReach();
      }
      if (!answer.getReason().equals(TOO_MANY) || System.nanoTime() > deadline) {
        return read(wish, answer);
      }
      Thread.sleep(PAUSE);
    }
  }

  private boolean awaitSession() throws InterruptedException {
    lock.lock();
    try {
      long left = firstDeadline - System.nanoTime();
      while (!open && first && left > 0) {
        left = change.awaitNanos(left);
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** The answer; null when the session ended before it. */
  private @Nullable TokenAnswer askOnce(TokenWish wish, long deadline) throws InterruptedException {
    lock.lock();
    try {
      if (!open) {
        return null;
      }
      String id = Long.toString(++asked);
      answers.put(id, Optional.empty());
      send.accept(request(id, wish));
      long left = deadline - System.nanoTime();
      while (Optional.empty().equals(answers.get(id)) && left > 0) {
        left = change.awaitNanos(left);
      }
      Optional<TokenAnswer> answer = answers.remove(id);
      return answer == null ? null : answer.orElse(TOO_LATE);
    } finally {
      lock.unlock();
    }
  }

  private static TokenRequest request(String id, TokenWish wish) {
    TokenRequest.Builder request =
        TokenRequest.newBuilder()
            .setRequestId(id)
            .setPod(AgentMessages.name(wish.pod(), wish.uid()))
            .setServiceAccount(wish.account())
            .setExpirationSeconds(wish.expirationSeconds());
    if (!wish.audience().isEmpty()) {
      request.addAudiences(wish.audience());
    }
    return request.build();
  }

  private static Answer read(TokenWish wish, TokenAnswer answer) {
    return answer.getToken().isEmpty()
        ? new Answer.Refused(answer.getMessage())
        : new Answer.Granted(answer.getToken(), lifetime(wish, answer));
  }

  /**
   * From the token's making to the end that the answer says, both by the master's clock. The
   * token's own end may be later: the master is patient with clients that read the file once.
   */
  private static Duration lifetime(TokenWish wish, TokenAnswer answer) {
    try {
      String claims = answer.getToken().split("\\.", 3)[1];
      long made = Json.read(Base64.getUrlDecoder().decode(claims)).number("iat", 0);
      Instant end = Instant.parse(answer.getExpiration());
      return Duration.between(Instant.ofEpochSecond(made), end);
    } catch (MalformedTreeException
        | DateTimeException
        | IllegalArgumentException
        | ArrayIndexOutOfBoundsException _) {
      // A token of another make: it lives as long as was asked for.
      return Duration.ofSeconds(wish.expirationSeconds());
    }
  }

  /** The master has taken the node in. */
  void connected() {
    lock.lock();
    try {
      first = false;
      open = true;
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The session is over, or could not be had; who waits for an answer gets none. */
  void disconnected() {
    lock.lock();
    try {
      first = false;
      open = false;
      answers.clear();
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** An answer that nobody waits for any more is dropped. */
  void answered(TokenAnswer answer) {
    lock.lock();
    try {
      if (answers.containsKey(answer.getRequestId())) {
        answers.put(answer.getRequestId(), Optional.of(answer));
        change.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
