package dev.wherry.master.controllers.serviceaccount;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.GeneratedNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fills Secrets of the type {@code kubernetes.io/service-account-token} and removes those whose
 * account is gone; where the setting asks for it, makes one for every account. Thread-safe.
 */
public final class TokenController implements Controller, Reconciler<TokenController.Work> {
  public static final String NAME = "tokens-controller";
  private static final int PARALLELISM = 2;

  /** What is looked at: a Secret, or an account that may lack one. */
  public record Work(GroupResource resource, ObjectKey key) {}

  private final ObjectAccess access;
  private final Informer accounts;
  private final Informer secrets;
  private final Informer.Index secretsByAccount;
  private final AccountSecrets settings;
  private final String caPem;
  private final ControllerRunner<Work> runner;

  /**
   * @param secrets those of the type
   */
  public TokenController(
      ObjectAccess access,
      Informer accounts,
      Informer secrets,
      AccountSecrets settings,
      String caPem,
      Timer timer) {
    this.access = access;
    this.accounts = accounts;
    this.secrets = secrets;
    this.settings = settings;
    this.caPem = caPem;
    this.secretsByAccount =
        secrets.index(secret -> List.of(TokenSecretPlan.account(secret).toString()));
    this.runner = new ControllerRunner<>(NAME, PARALLELISM, this, timer);
    secrets.listen(
        change -> {
          ObjectKey account = TokenSecretPlan.account(change.object());
          runner.enqueue(new Work(GroupResource.SECRETS, ObjectKey.of(change.object())));
          runner.enqueue(new Work(GroupResource.SERVICE_ACCOUNTS, account));
        });
    accounts.listen(
        change ->
            runner.enqueue(
                new Work(GroupResource.SERVICE_ACCOUNTS, ObjectKey.of(change.object()))));
  }

  /** The selection of the Secrets that it is about. */
  public static String secretFields() {
    return "type=" + TokenSecretPlan.TYPE;
  }

  @Override
  public Outcome reconcile(Work work) {
    try {
      if (work.resource().equals(GroupResource.SECRETS)) {
        secrets.get(work.key()).ifPresent(this::reconcileSecret);
      } else {
        reconcileAccount(work.key());
      }
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
    return Outcome.DONE;
  }

  private void reconcileSecret(Obj secret) {
    ObjectKey key = TokenSecretPlan.account(secret);
    Optional<Obj> account = accounts.get(key);
    switch (TokenSecretPlan.plan(secret, account, caPem)) {
      case TokenSecretPlan.Leave _ -> {}
      case TokenSecretPlan.Remove _ ->
          access.delete(GroupResource.SECRETS, ObjectKey.of(secret), DeleteOptions.DEFAULT);
      case TokenSecretPlan.Fill(boolean needsToken) ->
          account.ifPresent(
              found -> {
                String uid = Meta.of(found).uid();
                String name = Meta.of(secret).name();
                String token = needsToken ? settings.issuer().token(key, uid, name) : "";
                Obj filled = TokenSecretPlan.filled(secret, found, caPem, token);
                secrets.wrote(access.update(GroupResource.SECRETS, filled));
              });
    }
  }

  private void reconcileAccount(ObjectKey key) {
    List<Obj> held = secretsByAccount.get(key.toString());
    held.forEach(each -> runner.enqueue(new Work(GroupResource.SECRETS, ObjectKey.of(each))));
    Optional<Obj> account = accounts.get(key);
    if (settings.legacy() == AccountSecrets.Legacy.OFF
        || account.isEmpty()
        || Meta.of(account.get()).isTerminating()) {
      return;
    }
    if (held.isEmpty()) {
      make(key, account.get());
    } else {
      refer(account.get(), Meta.of(held.getFirst()).name());
    }
  }

  private void make(ObjectKey key, Obj account) {
    Obj metadata =
        Obj.of(
            "namespace",
            key.namespace(),
            "name",
            GeneratedNames.from(key.name() + "-token-"),
            "annotations",
            Map.of(
                TokenSecretPlan.ACCOUNT,
                key.name(),
                TokenSecretPlan.ACCOUNT_UID,
                Meta.of(account).uid()));
    Obj secret =
        access.create(
            GroupResource.SECRETS,
            Obj.of(
                "apiVersion",
                "v1",
                "kind",
                "Secret",
                "metadata",
                metadata,
                "type",
                TokenSecretPlan.TYPE));
    secrets.wrote(secret);
    refer(account, Meta.of(secret).name());
  }

  private void refer(Obj account, String secret) {
    boolean named =
        account.objs("secrets").stream().anyMatch(each -> each.string("name").equals(secret));
    if (!named) {
      List<Object> all = new ArrayList<>(account.list("secrets"));
      all.add(Obj.of("name", secret));
      accounts.wrote(access.update(GroupResource.SERVICE_ACCOUNTS, account.with("secrets", all)));
    }
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }
}
