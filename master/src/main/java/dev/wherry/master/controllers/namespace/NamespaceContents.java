package dev.wherry.master.controllers.namespace;

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
import java.util.Map;
import java.util.Optional;

/**
 * What every namespace holds: the service account {@code default} and the config map {@code
 * kube-root-ca.crt} with the certificate that pods trust. Thread-safe.
 */
public final class NamespaceContents implements Controller, Reconciler<String> {
  public static final String SERVICE_ACCOUNT = "default";
  public static final String ROOT_CA = "kube-root-ca.crt";
  private static final String CA_KEY = "ca.crt";
  private static final int PARALLELISM = 4;

  private final ObjectAccess access;
  private final Informer namespaces;
  private final Informer serviceAccounts;
  private final Informer rootCas;
  private final String caPem;
  private final ControllerRunner<String> runner;

  /**
   * @param serviceAccounts those named {@value #SERVICE_ACCOUNT}
   * @param rootCas config maps named {@value #ROOT_CA}
   */
  public NamespaceContents(
      ObjectAccess access,
      Informer namespaces,
      Informer serviceAccounts,
      Informer rootCas,
      String caPem,
      Timer timer) {
    this.access = access;
    this.namespaces = namespaces;
    this.serviceAccounts = serviceAccounts;
    this.rootCas = rootCas;
    this.caPem = caPem;
    this.runner = new ControllerRunner<>("namespace-contents", PARALLELISM, this, timer);
    namespaces.listen(change -> runner.enqueue(Meta.of(change.object()).name()));
    serviceAccounts.listen(this::onContent);
    rootCas.listen(this::onContent);
  }

  private void onContent(Informer.Change change) {
    runner.enqueue(Meta.of(change.object()).namespace());
  }

  @Override
  public Outcome reconcile(String name) {
    Optional<Obj> namespace = namespaces.get(new ObjectKey("", name));
    if (namespace.isEmpty() || Meta.of(namespace.get()).isTerminating()) {
      return Outcome.DONE;
    }
    Obj account = object("ServiceAccount", name, SERVICE_ACCOUNT);
    if (serviceAccounts.get(ObjectKey.of(account)).isEmpty()) {
      create(serviceAccounts, GroupResource.SERVICE_ACCOUNTS, account);
    }
    Obj ca = object("ConfigMap", name, ROOT_CA).with("data", Map.of(CA_KEY, caPem));
    Optional<Obj> held = rootCas.get(ObjectKey.of(ca));
    if (held.isEmpty()) {
      create(rootCas, GroupResource.CONFIG_MAPS, ca);
    } else if (!held.get().obj("data").equals(ca.obj("data"))) {
      rootCas.wrote(
          access.update(GroupResource.CONFIG_MAPS, held.get().with("data", ca.obj("data"))));
    }
    return Outcome.DONE;
  }

  private static Obj object(String kind, String namespace, String name) {
    return Obj.of(
        "apiVersion", "v1", "kind", kind, "metadata", Obj.of("namespace", namespace, "name", name));
  }

  private void create(Informer informer, GroupResource resource, Obj object) {
    try {
      informer.wrote(access.create(resource, object));
    } catch (StatusException e) {
      boolean ended = e.reason() == Reason.NOT_FOUND || e.reason() == Reason.FORBIDDEN;
      if (e.reason() != Reason.ALREADY_EXISTS && !ended) {
        throw e;
      }
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
