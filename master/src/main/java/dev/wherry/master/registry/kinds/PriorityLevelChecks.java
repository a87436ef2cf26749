package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;
import java.util.Optional;

/** What priority levels must be like, in Kubernetes' words. Pure. */
final class PriorityLevelChecks {
  private static final long MAX_QUEUES = 10_000_000;

  /** A hand of queues is dealt by a hash of so many bits. */
  private static final long MAX_HASH_BITS = 60;

  private static final String EXEMPT = "exempt";
  private static final String NOT_NEGATIVE = "must be a non-negative integer";

  private PriorityLevelChecks() {}

  static void check(Obj level, Causes causes) {
    Obj spec = level.obj("spec");
    String name = level.obj("metadata").string("name");
    String type = spec.string("type");
    if (name.equals(EXEMPT) != type.equals("Exempt")) {
      causes.invalid("spec.type", type, "must be 'Exempt' if and only if `name` is 'exempt'");
    }
    switch (type) {
      case "Exempt" -> exempt(spec, causes);
      case "Limited" -> limited(spec, causes);
      default -> causes.notSupported("spec.type", type, List.of("Exempt", "Limited"));
    }
    fixed(name, spec, causes);
  }

  private static void fixed(String name, Obj spec, Causes causes) {
    Optional<Obj> fixed = DefaultFlows.fixedLevel(name);
    if (fixed.isEmpty()) {
      return;
    }
    boolean isExempt = name.equals(EXEMPT);
    Obj wanted = isExempt ? fixed.get().without(EXEMPT) : fixed.get();
    if (!wanted.equals(isExempt ? spec.without(EXEMPT) : spec)) {
      String but = isExempt ? " except the 'spec.exempt' field" : "";
      causes.invalid("spec", spec, "spec of '" + name + "'" + but + " must equal the fixed value");
    }
  }

  private static void exempt(Obj spec, Causes causes) {
    if (spec.has("limited")) {
      causes.forbidden("spec.limited", "must be nil if the type is not Limited");
    }
    shares(spec.obj(EXEMPT), "spec.exempt", causes);
  }

  private static void limited(Obj spec, Causes causes) {
    if (spec.has(EXEMPT)) {
      causes.forbidden("spec.exempt", "must be nil if the type is Limited");
    }
    if (!spec.has("limited")) {
      causes.required("spec.limited", "must not be empty when type is Limited");
      return;
    }
    Obj limited = spec.obj("limited");
    shares(limited, "spec.limited", causes);
    response(limited.obj("limitResponse"), "spec.limited.limitResponse", causes);
    long borrowed = limited.number("borrowingLimitPercent", 0);
    if (borrowed < 0) {
      causes.invalid(
          "spec.limited.borrowingLimitPercent", borrowed, "if specified, " + NOT_NEGATIVE);
    }
  }

  private static void shares(Obj of, String path, Causes causes) {
    long shares = of.number("nominalConcurrencyShares", 0);
    if (shares < 0) {
      causes.invalid(path + ".nominalConcurrencyShares", shares, NOT_NEGATIVE);
    }
    Checks.withinRange(of, "lendablePercent", path, 0, 100, causes);
  }

  private static void response(Obj response, String path, Causes causes) {
    switch (response.string("type")) {
      case "Reject" -> {
        if (response.has("queuing")) {
          causes.forbidden(
              path + ".queuing", "must be nil if limited.limitResponse.type is not Limited");
        }
      }
      case "Queue" -> {
        if (response.has("queuing")) {
          queues(response.obj("queuing"), path + ".queuing", causes);
        } else {
          causes.required(
              path + ".queuing", "must not be empty if limited.limitResponse.type is Limited");
        }
      }
      default ->
          causes.notSupported(path + ".type", response.string("type"), List.of("Queue", "Reject"));
    }
  }

  private static void queues(Obj queuing, String path, Causes causes) {
    long length = queuing.number("queueLengthLimit", 0);
    if (length <= 0) {
      causes.invalid(path + ".queueLengthLimit", length, "must be positive");
    }
    long queues = queuing.number("queues", 0);
    if (queues <= 0) {
      causes.invalid(path + ".queues", queues, "must be positive");
    } else if (queues > MAX_QUEUES) {
      causes.invalid(path + ".queues", queues, "must not be greater than " + MAX_QUEUES);
    }
    hand(queuing.number("handSize", 0), queues, path + ".handSize", causes);
  }

  private static void hand(long size, long queues, String path, Causes causes) {
    if (size <= 0) {
      causes.invalid(path, size, "must be positive");
    } else if (size > queues) {
      causes.invalid(path, size, "should not be greater than queues (" + queues + ")");
    } else if (Math.ceil(Math.log(queues) / Math.log(2) * size) > MAX_HASH_BITS) {
      causes.invalid(
          path,
          size,
          "required entropy bits of deckSize %d and handSize %d should not be greater than %d"
              .formatted(queues, size, MAX_HASH_BITS));
    }
  }
}
