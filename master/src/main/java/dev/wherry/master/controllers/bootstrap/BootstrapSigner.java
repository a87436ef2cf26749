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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the signatures of {@code cluster-info} in {@code kube-public}, one for each bootstrap token
 * that may sign and has not ended. Thread-safe.
 */
public final class BootstrapSigner implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "bootstrap-signer";
  public static final ObjectKey CLUSTER_INFO = new ObjectKey("kube-public", "cluster-info");

  private final ObjectAccess access;
  private final Informer tokens;
  private final Informer maps;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;

  /**
   * @param tokens the Secrets of {@link TokenCleaner#selection}
   * @param maps the config map alone
   */
  public BootstrapSigner(ObjectAccess access, Informer tokens, Informer maps, Timer timer) {
    this.access = access;
    this.tokens = tokens;
    this.maps = maps;
    this.timer = timer;
    this.runner = new ControllerRunner<>(NAME, 1, this, timer);
    tokens.listen(_ -> runner.enqueue(CLUSTER_INFO));
    maps.listen(
        change -> {
          if (ObjectKey.of(change.object()).equals(CLUSTER_INFO)) {
            runner.enqueue(CLUSTER_INFO);
          }
        });
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
    Optional<Obj> info = maps.get(key);
    if (info.isEmpty()) {
      return Outcome.DONE;
    }
    Instant now = timer.instant();
    List<BootstrapToken> signing =
        tokens.all().stream()
            .filter(secret -> !Meta.of(secret).isTerminating())
            .flatMap(secret -> BootstrapToken.of(secret).stream())
            .filter(each -> each.serves(BootstrapToken.Usage.SIGNING) && !each.isExpired(now))
            .toList();
    Obj data = info.get().obj("data");
    Obj wanted = ClusterInfoPlan.data(data, signing);
    if (!wanted.equals(data)) {
      write(info.get().with("data", wanted));
    }
    return signing.stream()
        .flatMap(each -> each.expiration().stream())
        .min(Instant::compareTo)
        .map(end -> Outcome.after(Duration.between(now, end)))
        .orElse(Outcome.DONE);
  }

  private void write(Obj info) {
    try {
      maps.wrote(access.update(GroupResource.CONFIG_MAPS, info));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
