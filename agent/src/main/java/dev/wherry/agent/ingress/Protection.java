package dev.wherry.agent.ingress;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.object.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whom an Ingress lets in. Immutable.
 *
 * @param allowed where clients must be; empty: anywhere
 * @param denied where they must not be
 * @param login who they must be; empty: anybody
 * @param rate how often they may come; empty: as often as they like
 */
record Protection(
    List<Cidr> allowed, List<Cidr> denied, Optional<Login> login, Optional<Rate> rate) {
  static final Protection NONE =
      new Protection(List.of(), List.of(), Optional.empty(), Optional.empty());

  /** More than this in a second is as good as no bound. */
  private static final long MAX_RATE = 1_000_000;

  private static final long DEFAULT_BURST = 5;

  /**
   * Users and their passwords.
   *
   * @param secret whose they are
   * @param form where in the Secret they stand
   * @param realm what a client is asked to log in to; without quotes
   */
  record Login(ObjectKey secret, Form form, String realm) {
    /** How a Secret holds users. */
    enum Form {
      /** Lines of {@code name:hash} by the key {@code auth}. */
      FILE,
      /** A hash by the key of each name. */
      MAP
    }
  }

  /**
   * Requests from one address.
   *
   * @param perSecond on the average; 0: no bound
   * @param perMinute the same
   * @param burst how many times as many may come at once
   * @param exempt addresses that no bound is for
   */
  record Rate(long perSecond, long perMinute, long burst, List<Cidr> exempt) {}

  boolean isNone() {
    return equals(NONE);
  }

  /**
   * What the annotations ask for.
   *
   * @throws IllegalArgumentException when it is not known who is to be let in; it is told
   */
  static Protection of(IngressAnnotations annotations) {
    List<Cidr> allowed = ranges(annotations, "whitelist-source-range");
    allowed.addAll(ranges(annotations, "allowlist-source-range"));
    return new Protection(
        List.copyOf(allowed),
        List.copyOf(ranges(annotations, "denylist-source-range")),
        login(annotations),
        rate(annotations));
  }

  private static List<Cidr> ranges(IngressAnnotations annotations, String name) {
    List<Cidr> ranges = new ArrayList<>();
    for (String each : annotations.list(name)) {
      String range = each.indexOf('/') >= 0 ? each : each + (each.contains(":") ? "/128" : "/32");
      Optional<Cidr> read = Cidr.find(range);
      if (read.isEmpty()) {
        annotations.complain(name, "must be ranges such as 192.0.2.0/24, with commas between them");
        throw new IllegalArgumentException("the addresses that are let in cannot be read");
      }
      ranges.add(read.get());
    }
    return ranges;
  }

  private static Optional<Login> login(IngressAnnotations annotations) {
    String type = annotations.text("auth-type");
    String realm = annotations.text("auth-realm").replaceAll("[^ !#-\\[\\]-~]", "");
    Optional<ObjectKey> secret = annotations.secret("auth-secret");
    String form = annotations.text("auth-secret-type");
    if (type.isEmpty()) {
      return Optional.empty();
    }
    if (!type.equals("basic") || secret.isEmpty()) {
      annotations.complain("auth-type", "must be basic, with users in auth-secret");
      throw new IllegalArgumentException("who is let in cannot be read");
    }
    return Optional.of(
        new Login(
            secret.get(),
            form.equals("auth-map") ? Login.Form.MAP : Login.Form.FILE,
            realm.isEmpty() ? "Authentication required" : realm));
  }

  private static Optional<Rate> rate(IngressAnnotations annotations) {
    long perSecond = annotations.number("limit-rps", 0, MAX_RATE, 0);
    long perMinute = annotations.number("limit-rpm", 0, MAX_RATE, 0);
    long burst = annotations.number("limit-burst-multiplier", 1, MAX_RATE, DEFAULT_BURST);
    List<Cidr> exempt = ranges(annotations, "limit-whitelist");
    exempt.addAll(ranges(annotations, "limit-allowlist"));
    return perSecond == 0 && perMinute == 0
        ? Optional.empty()
        : Optional.of(new Rate(perSecond, perMinute, burst, List.copyOf(exempt)));
  }
}
