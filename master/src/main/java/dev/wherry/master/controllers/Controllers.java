package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.view.BootstrapToken;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.autoscaler.AutoscalerController;
import dev.wherry.master.controllers.autoscaler.TrafficMetrics;
import dev.wherry.master.controllers.bootstrap.BootstrapSigner;
import dev.wherry.master.controllers.bootstrap.TokenCleaner;
import dev.wherry.master.controllers.certificate.CertificateController;
import dev.wherry.master.controllers.clusterrole.ClusterRoleAggregation;
import dev.wherry.master.controllers.cronjob.CronJobController;
import dev.wherry.master.controllers.daemonset.DaemonSetController;
import dev.wherry.master.controllers.deployment.DeploymentController;
import dev.wherry.master.controllers.disruption.BudgetController;
import dev.wherry.master.controllers.endpoints.EndpointsController;
import dev.wherry.master.controllers.event.EventExpiry;
import dev.wherry.master.controllers.garbage.GarbageCollector;
import dev.wherry.master.controllers.ingress.IngressAddresses;
import dev.wherry.master.controllers.job.JobController;
import dev.wherry.master.controllers.loadbalancer.LoadBalancerController;
import dev.wherry.master.controllers.namespace.DefaultNamespaces;
import dev.wherry.master.controllers.namespace.NamespaceContents;
import dev.wherry.master.controllers.namespace.NamespaceDeletion;
import dev.wherry.master.controllers.node.NodeLifecycle;
import dev.wherry.master.controllers.pod.PodGarbage;
import dev.wherry.master.controllers.quota.QuotaController;
import dev.wherry.master.controllers.replicaset.ReplicaSetController;
import dev.wherry.master.controllers.replicaset.SetKind;
import dev.wherry.master.controllers.scheduler.SchedulerController;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.controllers.serviceaccount.TokenController;
import dev.wherry.master.controllers.statefulset.StatefulSetController;
import dev.wherry.master.controllers.volume.ClaimController;
import dev.wherry.master.controllers.volume.DefaultStorageClass;
import dev.wherry.master.controllers.volume.EphemeralClaims;
import dev.wherry.master.controllers.volume.SchedulerVolumes;
import dev.wherry.master.controllers.volume.VolumeController;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.OwnedObjects;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.ListOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * All controllers of a master and the scheduler. Each acts under an identity of its own, so that
 * admission and audit see who did what. Thread-safe.
 */
public final class Controllers implements AutoCloseable {
  private final Function<Identity, ObjectAccess> accessFor;
  private final Timer timer;
  private final EventSink events;
  private final SharedInformers shared;
  private final List<Informer> informers = new ArrayList<>();
  private final List<Controller> controllers = new ArrayList<>();

  private Controllers(
      Function<Identity, ObjectAccess> accessFor, Timer timer, ControllerOptions options) {
    this.accessFor = accessFor;
    this.timer = timer;
    ObjectAccess master = accessFor.apply(Identity.MASTER);
    this.events = new EventSink(master, timer);
    this.shared = new SharedInformers(master);
    addNamespaces(master, options);
    Informer ingresses = informer(new Informer(master, GroupResource.INGRESSES));
    addWorkloads(master, options, ingresses);
    addSets(master);
    addJobs(master);
    addVolumes(options);
    addAutoscaling(master, options, ingresses);
    addAccounts(master, options);
    addBootstrapTokens(master);
    addCleaning(master, options);
  }

  /**
   * Reads what there is and sets all controllers to work; what stopped in the middle goes on.
   * Blocks until all is read.
   *
   * @param accessFor gives each identity its access, as {@code Entrance.as} does
   * @param timer is the caller's to close, after this
   */
  public static Controllers start(
      Function<Identity, ObjectAccess> accessFor, Timer timer, ControllerOptions options) {
    Controllers controllers = new Controllers(accessFor, timer, options);
    controllers.shared.start();
    controllers.informers.forEach(Informer::start);
    controllers.controllers.forEach(Controller::start);
    return controllers;
  }

  private void addNamespaces(ObjectAccess master, ControllerOptions options) {
    Informer accounts =
        named(master, GroupResource.SERVICE_ACCOUNTS, NamespaceContents.SERVICE_ACCOUNT);
    Informer rootCas = named(master, GroupResource.CONFIG_MAPS, NamespaceContents.ROOT_CA);
    controllers.add(new DefaultNamespaces(as("namespace-controller"), shared.namespaces(), timer));
    controllers.add(
        new NamespaceContents(
            as("root-ca-cert-publisher"),
            shared.namespaces(),
            accounts,
            rootCas,
            options.caPem(),
            timer));
  }

  private void addWorkloads(ObjectAccess master, ControllerOptions options, Informer ingresses) {
    addScheduler();
    addReplicas(SetKind.REPLICA_SET, shared.replicaSets());
    addReplicas(
        SetKind.REPLICATION_CONTROLLER,
        informer(new Informer(master, GroupResource.REPLICATION_CONTROLLERS)));
    controllers.add(
        new DeploymentController(
            as("deployment-controller"), shared, events.recorder("deployment-controller"), timer));
    Informer slices = informer(new Informer(master, GroupResource.ENDPOINT_SLICES));
    Informer endpoints = informer(new Informer(master, GroupResource.ENDPOINTS));
    controllers.add(
        new EndpointsController(
            as("endpointslice-controller"),
            shared,
            slices,
            endpoints,
            events.recorder("endpoint-slice-controller"),
            timer));
    controllers.add(
        new IngressAddresses(
            as("ingress-status-controller"),
            shared,
            ingresses,
            informer(new Informer(master, GroupResource.INGRESS_CLASSES)),
            timer));
    controllers.add(
        new LoadBalancerController(
            as(LoadBalancerController.NAME),
            shared,
            slices,
            options.loadBalancers(),
            events.recorder(LoadBalancerController.NAME),
            timer));
  }

  private void addReplicas(SetKind kind, Informer sets) {
    controllers.add(
        new ReplicaSetController(
            as(kind.controller()), shared, sets, kind, events.recorder(kind.controller()), timer));
  }

  private void addSets(ObjectAccess master) {
    OwnedObjects revisions =
        new OwnedObjects(informer(new Informer(master, GroupResource.CONTROLLER_REVISIONS)));
    controllers.add(
        new StatefulSetController(
            as(StatefulSetController.NAME),
            shared,
            informer(new Informer(master, GroupResource.STATEFUL_SETS)),
            revisions,
            events.recorder(StatefulSetController.NAME),
            timer));
    controllers.add(
        new DaemonSetController(
            as(DaemonSetController.NAME),
            shared,
            informer(new Informer(master, GroupResource.DAEMON_SETS)),
            revisions,
            events.recorder(DaemonSetController.NAME),
            timer));
  }

  private void addJobs(ObjectAccess master) {
    Informer jobs = informer(new Informer(master, GroupResource.JOBS));
    OwnedObjects owned = new OwnedObjects(jobs);
    controllers.add(
        new JobController(
            as(JobController.NAME), shared, jobs, events.recorder(JobController.NAME), timer));
    controllers.add(
        new CronJobController(
            as(CronJobController.NAME),
            shared,
            informer(new Informer(master, GroupResource.CRON_JOBS)),
            owned,
            events.recorder(CronJobController.NAME),
            timer));
  }

  private void addScheduler() {
    ObjectAccess access = accessFor.apply(Identity.scheduler());
    SchedulerController scheduler =
        new SchedulerController(
            access,
            shared,
            new SchedulerVolumes(access, shared),
            () -> BudgetController.current(shared),
            events.recorder(SchedulerController.NAME),
            timer);
    for (Informer each :
        List.of(
            shared.persistentVolumeClaims(), shared.persistentVolumes(), shared.storageClasses())) {
      each.listen(_ -> scheduler.onVolumeChange());
    }
    controllers.add(scheduler);
  }

  private void addVolumes(ControllerOptions options) {
    controllers.add(new DefaultStorageClass(as("persistent-volume-binder"), timer));
    controllers.add(
        new ClaimController(
            as("persistent-volume-binder"),
            shared,
            events.recorder("persistentvolume-controller"),
            timer));
    controllers.add(
        new VolumeController(
            as("persistent-volume-binder"),
            shared,
            options.directories(),
            events.recorder("persistentvolume-controller"),
            timer));
    controllers.add(
        new EphemeralClaims(
            as("ephemeral-volume-controller"), shared, events.recorder("ephemeral_volume"), timer));
    controllers.add(
        new BudgetController(
            as("disruption-controller"),
            shared,
            options.resources(),
            events.recorder("controllermanager"),
            timer));
  }

  private void addAutoscaling(ObjectAccess master, ControllerOptions options, Informer ingresses) {
    controllers.add(
        new AutoscalerController(
            as("horizontal-pod-autoscaler"),
            shared,
            informer(new Informer(master, GroupResource.HORIZONTAL_POD_AUTOSCALERS)),
            options.resources(),
            options.samples(),
            new TrafficMetrics(options.samples().traffic(), shared.services(), ingresses),
            events.recorder("horizontal-pod-autoscaler"),
            timer));
  }

  private void addAccounts(ObjectAccess master, ControllerOptions options) {
    controllers.add(
        new ClusterRoleAggregation(
            as(ClusterRoleAggregation.NAME),
            informer(new Informer(master, ClusterRoleAggregation.CLUSTER_ROLES)),
            timer));
    controllers.add(
        new CertificateController(
            as(CertificateController.NAME),
            informer(new Informer(master, CertificateController.REQUESTS)),
            options.certificates(),
            timer));
    if (options.accountSecrets().equals(AccountSecrets.NONE)) {
      return;
    }
    Informer secrets =
        new Informer(
            master,
            GroupResource.SECRETS,
            "",
            ListOptions.ALL.withFields(TokenController.secretFields()));
    controllers.add(
        new TokenController(
            as(TokenController.NAME),
            informer(new Informer(master, GroupResource.SERVICE_ACCOUNTS)),
            informer(secrets),
            options.accountSecrets(),
            options.caPem(),
            timer));
  }

  private void addBootstrapTokens(ObjectAccess master) {
    Informer tokens =
        informer(
            new Informer(
                master, GroupResource.SECRETS, BootstrapToken.NAMESPACE, TokenCleaner.selection()));
    Informer maps = named(master, GroupResource.CONFIG_MAPS, BootstrapSigner.CLUSTER_INFO.name());
    controllers.add(new BootstrapSigner(as(BootstrapSigner.NAME), tokens, maps, timer));
    controllers.add(new TokenCleaner(as(TokenCleaner.NAME), tokens, timer));
  }

  private void addCleaning(ObjectAccess master, ControllerOptions options) {
    NamespaceDeletion namespaces =
        new NamespaceDeletion(as("namespace-controller"), shared, options.resources(), timer);
    controllers.add(
        new GarbageCollector(
            as("generic-garbage-collector"),
            options.resources(),
            namespaces::arrived,
            events.recorder("garbage-collector-controller"),
            timer));
    controllers.add(namespaces);
    controllers.add(
        new NodeLifecycle(
            as("node-controller"),
            shared,
            options.signs(),
            events.recorder("node-controller"),
            timer,
            options.monitoring()));
    controllers.add(
        new QuotaController(
            as("resourcequota-controller"),
            shared,
            informer(new Informer(master, GroupResource.core("resourcequotas"))),
            timer));
    controllers.add(new PodGarbage(as("pod-garbage-collector"), shared, timer));
    controllers.add(new EventExpiry(as("event-expiry"), timer));
  }

  private ObjectAccess as(String name) {
    return accessFor.apply(Identity.controller(name));
  }

  private Informer named(ObjectAccess access, GroupResource resource, String name) {
    return informer(
        new Informer(access, resource, "", ListOptions.ALL.withFields("metadata.name=" + name)));
  }

  private Informer informer(Informer informer) {
    informers.add(informer);
    return informer;
  }

  /** Ends the watches and waits, for a bounded time, for what is under way. */
  @Override
  public void close() {
    informers.forEach(Informer::close);
    shared.close();
    controllers.forEach(Controller::close);
  }
}
