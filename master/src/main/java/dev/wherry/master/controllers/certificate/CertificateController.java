package dev.wherry.master.controllers.certificate;

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
import dev.wherry.master.registry.WriteOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Signs certificate signing requests that were approved, where their signer is the cluster's own,
 * and removes old ones. It approves those of nodes that may have their client certificate with
 * nobody looking, and no others: those are for people, or a controller of theirs. Thread-safe.
 */
public final class CertificateController implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "certificate-controller";
  public static final GroupResource REQUESTS =
      new GroupResource("certificates.k8s.io", "certificatesigningrequests");

  /** How long until it is asked again whether a node may have its certificate. */
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  private final ObjectAccess access;
  private final Informer requests;
  private final CertificateIssuer issuer;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;

  public CertificateController(
      ObjectAccess access, Informer requests, CertificateIssuer issuer, Timer timer) {
    this.access = access;
    this.requests = requests;
    this.issuer = issuer;
    this.timer = timer;
    this.runner = new ControllerRunner<>(NAME, 1, this, timer);
    requests.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
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
    Optional<Obj> found = requests.get(key).filter(each -> !Meta.of(each).isTerminating());
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    Obj request = found.get();
    Obj status = request.obj("status");
    return switch (CertificatePlan.plan(request, issuer, timer.instant())) {
      case CertificatePlan.Wait(var left) -> Outcome.after(left);
      case CertificatePlan.Ask(var ways, var left) -> ask(request, ways, left);
      case CertificatePlan.Remove _ -> remove(request);
      case CertificatePlan.Sign(var pem, var usages, var life) ->
          write(request, CertificatePlan.issued(status, issuer.sign(pem, usages, life)));
      case CertificatePlan.Fail(String message) ->
          write(request, CertificatePlan.failed(status, message, timer.instant()));
    };
  }

  private Outcome ask(Obj request, List<NodeApproval> ways, Duration left) {
    for (NodeApproval way : ways) {
      Obj answer = access.create(NodeApproval.REVIEWS, way.review(request.obj("spec")));
      if (answer.obj("status").flag("allowed")) {
        Obj approved = way.approved(request, timer.instant());
        requests.wrote(
            access.update(
                REQUESTS, ObjectKey.of(request), "approval", approved, WriteOptions.DEFAULT));
        return Outcome.DONE;
      }
    }
    return Outcome.after(left.compareTo(ASK_AGAIN) < 0 ? left : ASK_AGAIN);
  }

  private Outcome remove(Obj request) {
    try {
      access.delete(
          REQUESTS, ObjectKey.of(request), DeleteOptions.DEFAULT.withUid(Meta.of(request).uid()));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
    return Outcome.DONE;
  }

  /** Its own write brings it here again, which sets the time of its removal. */
  private Outcome write(Obj request, Obj status) {
    requests.wrote(access.updateStatus(REQUESTS, request.with("status", status)));
    return Outcome.DONE;
  }
}
