package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import dev.wherry.master.registry.quota.Amounts;
import dev.wherry.master.registry.quota.QuotaUsage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Refuses what would take more than the quotas of its namespace leave (Kubernetes' admission plugin
 * ResourceQuota). It counts the objects themselves, not the status of the quotas, and with them the
 * writes under way that it has let through: racing writes never take more than there is. What is
 * held for a write ends with it, see {@link WriteUnderWay}; so at most one hold a request is kept.
 *
 * <p>Thread-safe: one decision at a time.
 */
public final class ResourceQuota implements Step.Validating {
  private static final GroupResource QUOTAS = GroupResource.core("resourcequotas");

  /** A write that was let through and may not show yet. */
  private static final class Hold {
    final GroupResource resource;
    final ObjectKey key;
    final Obj object;

    Hold(Change change) {
      this.resource = change.definition().resource();
      this.key = change.key();
      this.object = change.object();
    }
  }

  private final Objects objects;
  private final LimitedResources limited;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Hold> holds = new ArrayList<>(); // guarded by lock

  public ResourceQuota(Objects objects, QuotaOptions options, InstantSource clock) {
    this.objects = objects;
    this.clock = clock;
    this.limited = new LimitedResources(options);
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    if (!isCounted(change)) {
      return;
    }
    WriteUnderWay.letGo();
    List<Obj> quotas = objects.list(QUOTAS, change.key().namespace());
    if (!limited.isEmpty()) {
      checkLimited(change, quotas);
    }
    if (quotas.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      boolean counts = false;
      for (Obj quota : quotas) {
        counts |= check(quota, change);
      }
      if (counts && !change.dryRun() && WriteUnderWay.isKnown()) {
        Hold hold = new Hold(change);
        holds.add(hold);
        WriteUnderWay.holdUntilOver(() -> release(hold));
      }
    } finally {
      lock.unlock();
    }
  }

  private void checkLimited(Change change, List<Obj> quotas) {
    GroupResource resource = change.definition().resource();
    Amounts before =
        change.verb() == Change.Verb.CREATE
            ? Amounts.NONE
            : QuotaUsage.of(resource, change.existing(), clock.instant());
    Amounts more = difference(QuotaUsage.of(resource, change.object(), clock.instant()), before);
    if (!more.isEmpty()) {
      limited
          .complaint(resource, change.object(), more, quotas)
          .ifPresent(
              why -> {
                throw refused(change, why);
              });
    }
  }

  private static boolean isCounted(Change change) {
    return change.verb() != Change.Verb.DELETE
        && (change.subresource().isEmpty() || change.subresource().equals("resize"))
        && change.definition().isNamespaced()
        && !change.definition().resource().resource().equals("events");
  }

  private void release(Hold hold) {
    lock.lock();
    try {
      holds.remove(hold);
    } finally {
      lock.unlock();
    }
  }

  /** Whether the change takes more of this quota than before, and may. */
  private boolean check(Obj quota, Change change) {
    GroupResource resource = change.definition().resource();
    if (change.verb() == Change.Verb.CREATE && resource.equals(GroupResource.PODS)) {
      List<String> unsaid = QuotaUsage.unsaid(quota, change.object());
      if (!unsaid.isEmpty()) {
        throw refused(
            change, "failed quota: " + name(quota) + ": must specify " + String.join("; ", unsaid));
      }
    }
    Amounts wanted = QuotaUsage.of(quota, resource, change.object(), clock.instant());
    if (wanted.isEmpty()) {
      return false;
    }
    Amounts before = QuotaUsage.of(quota, resource, change.existing(), clock.instant());
    if (change.verb() == Change.Verb.CREATE) {
      before = Amounts.NONE;
    }
    Amounts more = difference(wanted, before);
    if (more.isEmpty()) {
      return false;
    }
    requireRoom(quota, change, more);
    return true;
  }

  private void requireRoom(Obj quota, Change change, Amounts more) {
    Amounts used = used(quota, change.definition().resource(), change.key());
    Amounts hard = Amounts.of(quota.at("spec", "hard"));
    Amounts asked = Amounts.NONE;
    Amounts taken = Amounts.NONE;
    Amounts limited = Amounts.NONE;
    for (Map.Entry<String, Quantity> each : more.byName().entrySet()) {
      String name = each.getKey();
      if (used.get(name).plus(each.getValue()).compareTo(hard.get(name)) > 0) {
        asked = asked.with(name, each.getValue());
        taken = taken.with(name, used.get(name));
        limited = limited.with(name, hard.get(name));
      }
    }
    if (!asked.isEmpty()) {
      throw refused(
          change,
          "exceeded quota: %s, requested: %s, used: %s, limited: %s"
              .formatted(name(quota), asked, taken, limited));
    }
  }

  /** What is taken of the quota by objects of this resource, writes under way included. */
  private Amounts used(Obj quota, GroupResource resource, ObjectKey changed) {
    Map<ObjectKey, Obj> all = new LinkedHashMap<>();
    // The same quota name may be counted over several resources only through different names,
    // so that the objects of this one resource are all that matters.
    for (Obj each : objects.list(resource, changed.namespace())) {
      all.put(ObjectKey.of(each), each);
    }
    for (Hold hold : holds) {
      if (hold.resource.equals(resource)
          && hold.key.namespace().equals(changed.namespace())
          && !hold.key.equals(changed)) {
        all.put(hold.key, hold.object);
      }
    }
    Amounts used = QuotaUsage.nothing(quota);
    Instant now = clock.instant();
    for (Obj each : all.values()) {
      used = used.plus(QuotaUsage.of(quota, resource, each, now));
    }
    return used;
  }

  private static Amounts difference(Amounts wanted, Amounts before) {
    SortedMap<String, Quantity> more = new TreeMap<>();
    wanted
        .byName()
        .forEach(
            (name, amount) -> {
              if (amount.compareTo(before.get(name)) > 0) {
                more.put(name, new Quantity(amount.value().subtract(before.get(name).value())));
              }
            });
    return new Amounts(more);
  }

  private static String name(Obj quota) {
    return quota.obj("metadata").string("name");
  }

  private static StatusException refused(Change change, String why) {
    return StatusException.forbidden(change.definition().resource(), change.key().name(), why);
  }
}
