package dev.wherry.master.controllers.bootstrap;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.BootstrapToken;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Removes the Secrets of bootstrap tokens that have ended. Thread-safe. */
public final class TokenCleaner implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "token-cleaner";

  private final ObjectAccess access;
  private final Informer tokens;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;

  /**
   * @param tokens the Secrets of {@link #selection}
   */
  public TokenCleaner(ObjectAccess access, Informer tokens, Timer timer) {
    this.access = access;
    this.tokens = tokens;
    this.timer = timer;
    this.runner = new ControllerRunner<>(NAME, 1, this, timer);
    tokens.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
  }

  /** The Secrets of the tokens, within their namespace. */
  public static ListOptions selection() {
    return ListOptions.ALL.withFields("type=" + BootstrapToken.TYPE);
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<Obj> secret = tokens.get(key);
    Optional<Instant> end = secret.flatMap(BootstrapToken::of).flatMap(BootstrapToken::expiration);
    if (end.isEmpty()) {
      return Outcome.DONE;
    }
    Duration left = Duration.between(timer.instant(), end.get());
    if (left.isPositive()) {
      return Outcome.after(left);
    }
    remove(key, Meta.of(secret.get()).uid());
    return Outcome.DONE;
  }

  private void remove(ObjectKey key, String uid) {
    try {
      access.delete(GroupResource.SECRETS, key, DeleteOptions.DEFAULT.withUid(uid));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
  }
}
