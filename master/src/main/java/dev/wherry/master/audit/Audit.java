package dev.wherry.master.audit;

import dev.wherry.master.auth.AccountNames;
import dev.wherry.master.auth.Attributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** Begins the record of requests: by the policy, into a sink. Thread-safe. */
public final class Audit {
  /** Where events go, each a line of JSON with its end. Thread-safe. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the line; may block while the disk is behind. */
    void write(byte[] line);
  }

  /** Of who proved to be nobody, so many requests are recorded at once and then one each while. */
  static final int STRANGERS = 500;

  private static final Duration STRANGERS_INTERVAL = Duration.ofSeconds(1);

  /** Keeps no record. */
  public static final Audit NONE =
      new Audit(new AuditPolicy(List.of()), _ -> {}, InstantSource.system());

  private final Allowance strangers = new Allowance(STRANGERS, STRANGERS_INTERVAL);
  private final AuditPolicy policy;
  private final Sink sink;
  private final InstantSource clock;

  public Audit(AuditPolicy policy, Sink sink, InstantSource clock) {
    this.policy = policy;
    this.sink = sink;
    this.clock = clock;
  }

  private boolean isTooMuch(String user) {
    boolean stranger = user.isEmpty() || user.equals(AccountNames.ANONYMOUS);
    return stranger && !strangers.take(clock.instant());
  }

  /**
   * The record of a request, begun; one that keeps silent where the policy wants none.
   *
   * @param asked the request, made where it is recorded
   */
  public Trail begin(Attributes attributes, Supplier<Asked> asked) {
    AuditPolicy.Decision decision = policy.decide(attributes);
    if (decision.level() == Level.NONE || isTooMuch(attributes.user())) {
      return Trail.SILENT;
    }
    Trail trail = new Trail(asked.get(), decision, sink, clock);
    trail.received();
    return trail;
  }
}
