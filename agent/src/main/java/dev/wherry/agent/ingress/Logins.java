package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.ingress.Protection.Login;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Checks users' passwords (RFC 7617) against Secrets as they are now. A check takes its time, which
 * no event loop has: it is made once, elsewhere, and what came of it is remembered. Thread-safe.
 */
final class Logins {
  /** Checks that are remembered. */
  static final int MAX_KNOWN = 1_024;

  /** Checks at a time; others wait. */
  private static final int PARALLELISM = 2;

  /** What is known of a request's user. */
  sealed interface Knowledge {
    /** What it comes to; at once where it was asked before. */
    sealed interface Sure extends Knowledge {}

    /** One of the users. */
    record Right() implements Sure {}

    /** None of them, or not with this password. */
    record Wrong() implements Sure {}

    /** The Secret is missing. */
    record NoUsers() implements Sure {}

    /** Will be known; never fails. */
    record Later(CompletableFuture<Sure> known) implements Knowledge {}
  }

  private static final String SCHEME = "Basic ";
  private static final String FILE_KEY = "auth";

  private final DesiredState desired;
  private final Semaphore checks = new Semaphore(PARALLELISM);

  // Guarded by itself; what was asked for last stands last. By digest: no password is kept.
  private final Map<ByteBuffer, Boolean> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Boolean> eldest) {
          return size() > MAX_KNOWN;
        }
      };

  Logins(DesiredState desired) {
    this.desired = desired;
  }

  /**
   * @param authorization the request's field; empty: there is none
   */
  Knowledge check(Login login, String authorization) {
    Optional<Obj> secret = desired.get(Resource.SECRETS, login.secret());
    if (secret.isEmpty()) {
      return new Knowledge.NoUsers();
    }
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return new Knowledge.Wrong();
    }
    String version = Meta.of(secret.get()).resourceVersion();
    ByteBuffer digest = digest(login + "\n" + version + "\n" + authorization);
    Boolean before;
    synchronized (known) {
      before = known.get(digest);
    }
    if (before != null) {
      return sure(before);
    }
    String pair = authorization.substring(SCHEME.length()).strip();
    return new Knowledge.Later(
        CompletableFuture.supplyAsync(
            () -> learn(digest, login, secret.get(), pair),
            task -> Thread.ofVirtual().name("login").start(task)));
  }

  private static Knowledge.Sure sure(boolean right) {
    return right ? new Knowledge.Right() : new Knowledge.Wrong();
  }

  private Knowledge.Sure learn(ByteBuffer digest, Login login, Obj secret, String pair) {
    checks.acquireUninterruptibly();
    try {
      boolean right = isRight(login, secret.obj("data"), pair);
      synchronized (known) {
        known.put(digest, right);
      }
      return sure(right);
    } finally {
      checks.release();
    }
  }

  private static ByteBuffer digest(String text) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static Map<String, String> users(Login login, Obj data) {
    Map<String, String> users = new HashMap<>();
    switch (login.form()) {
      case FILE -> {
        for (String line : IngressCertificates.text(data, FILE_KEY).split("\\R", -1)) {
          int colon = line.indexOf(':');
          if (colon > 0) {
            users.put(line.substring(0, colon), line.substring(colon + 1).strip());
          }
        }
      }
      case MAP -> {
        for (Obj.Entry each : data) {
          users.put(each.key(), IngressCertificates.text(data, each.key()).strip());
        }
      }
    }
    return users;
  }

  private static boolean isRight(Login login, Obj data, String pair) {
    try {
      String text = new String(Base64.getDecoder().decode(pair), UTF_8);
      int colon = text.indexOf(':');
      String hash = colon < 0 ? null : users(login, data).get(text.substring(0, colon));
      return hash != null && PasswordHash.matches(hash, text.substring(colon + 1));
    } catch (IllegalArgumentException _) {
      return false; // no base64, or a hash of another kind
    }
  }
}
