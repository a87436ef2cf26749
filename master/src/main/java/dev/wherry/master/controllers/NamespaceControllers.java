package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.master.controllers.garbage.GarbageCollector;
import dev.wherry.master.controllers.namespace.DefaultNamespaces;
import dev.wherry.master.controllers.namespace.NamespaceContents;
import dev.wherry.master.controllers.namespace.NamespaceDeletion;
import dev.wherry.master.controllers.quota.QuotaController;
import dev.wherry.master.reconcile.Informer;

/** The controllers of namespaces and of what is in them, whatever its kind. */
final class NamespaceControllers {
  private final ControllerContext context;

  private NamespaceControllers(ControllerContext context) {
    this.context = context;
  }

  static void addTo(ControllerContext context) {
    NamespaceControllers namespaces = new NamespaceControllers(context);
    namespaces.contents();
    namespaces.garbage();
    namespaces.quotas();
  }

  private void contents() {
    Informer accounts =
        context.named(GroupResource.SERVICE_ACCOUNTS, NamespaceContents.SERVICE_ACCOUNT);
    Informer rootCas = context.named(GroupResource.CONFIG_MAPS, NamespaceContents.ROOT_CA);
    context.add(
        new DefaultNamespaces(
            context.as("namespace-controller"), context.shared().namespaces(), context.timer()));
    context.add(
        new NamespaceContents(
            context.as("root-ca-cert-publisher"),
            context.shared().namespaces(),
            accounts,
            rootCas,
            context.options().caPem(),
            context.timer()));
  }

  private void garbage() {
    NamespaceDeletion namespaces =
        new NamespaceDeletion(
            context.as("namespace-controller"),
            context.shared(),
            context.options().resources(),
            context.timer());
    context.add(
        new GarbageCollector(
            context.as("generic-garbage-collector"),
            context.options().resources(),
            namespaces::arrived,
            context.recorder("garbage-collector-controller"),
            context.timer()));
    context.add(namespaces);
  }

  private void quotas() {
    context.add(
        new QuotaController(
            context.as("resourcequota-controller"),
            context.shared(),
            context.informer(GroupResource.core("resourcequotas")),
            context.timer()));
  }
}
