package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.view.BootstrapToken;
import dev.wherry.master.controllers.bootstrap.BootstrapSigner;
import dev.wherry.master.controllers.bootstrap.TokenCleaner;
import dev.wherry.master.controllers.certificate.CertificateController;
import dev.wherry.master.controllers.clusterrole.ClusterRoleAggregation;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.controllers.serviceaccount.TokenController;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.registry.ListOptions;

/** The controllers of roles, certificates and tokens: of who is who. */
final class AccountControllers {
  private final ControllerContext context;

  private AccountControllers(ControllerContext context) {
    this.context = context;
  }

  static void addTo(ControllerContext context) {
    AccountControllers accounts = new AccountControllers(context);
    accounts.rolesAndCertificates();
    accounts.accountTokens();
    accounts.bootstrapTokens();
  }

  private void rolesAndCertificates() {
    context.add(
        new ClusterRoleAggregation(
            context.as(ClusterRoleAggregation.NAME),
            context.informer(ClusterRoleAggregation.CLUSTER_ROLES),
            context.timer()));
    context.add(
        new CertificateController(
            context.as(CertificateController.NAME),
            context.informer(CertificateController.REQUESTS),
            context.options().certificates(),
            context.timer()));
  }

  private void accountTokens() {
    if (context.options().accountSecrets().equals(AccountSecrets.NONE)) {
      return;
    }
    Informer secrets =
        context.informer(
            GroupResource.SECRETS, "", ListOptions.ALL.withFields(TokenController.secretFields()));
    context.add(
        new TokenController(
            context.as(TokenController.NAME),
            context.informer(GroupResource.SERVICE_ACCOUNTS),
            secrets,
            context.options().accountSecrets(),
            context.options().caPem(),
            context.timer()));
  }

  private void bootstrapTokens() {
    Informer tokens =
        context.informer(GroupResource.SECRETS, BootstrapToken.NAMESPACE, TokenCleaner.selection());
    Informer maps = context.named(GroupResource.CONFIG_MAPS, BootstrapSigner.CLUSTER_INFO.name());
    context.add(
        new BootstrapSigner(context.as(BootstrapSigner.NAME), tokens, maps, context.timer()));
    context.add(new TokenCleaner(context.as(TokenCleaner.NAME), tokens, context.timer()));
  }
}
