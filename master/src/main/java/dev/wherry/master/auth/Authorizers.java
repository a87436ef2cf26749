package dev.wherry.master.auth;

import java.util.List;

/** Several authorizers: what one of them allows is allowed. Thread-safe as they are. */
public record Authorizers(List<Authorizer> all) implements Authorizer {
  private static final Decision MASTER = new Decision.Allowed("");

  public Authorizers {
    all = List.copyOf(all);
  }

  @Override
  public Decision decide(Attributes attributes) {
    if (attributes.groups().contains(AccountNames.MASTERS)) {
      return MASTER;
    }
    Decision last = new Decision.Denied("");
    for (Authorizer each : all) {
      Decision decision = each.decide(attributes);
      if (decision instanceof Decision.Allowed) {
        return decision;
      }
      if (decision instanceof Decision.Denied(String reason) && !reason.isEmpty()) {
        last = decision;
      }
    }
    return last;
  }
}
