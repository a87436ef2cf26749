package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.auth.AccountNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whom a request wants to be taken for (Kubernetes, User impersonation).
 *
 * @param user empty when nobody
 * @param extra by keys as they are, not as headers carry them
 */
public record Impersonation(
    String user, String uid, List<String> groups, Map<String, List<String>> extra) {
  private static final String AUTHENTICATION = "authentication.k8s.io";

  public Impersonation {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  /** Whether anything is asked. */
  public boolean isEmpty() {
    return user.isEmpty() && uid.isEmpty() && groups.isEmpty() && extra.isEmpty();
  }

  /** What has to be asked of authorization, each with the verb {@code impersonate}. */
  List<Asked> asked() {
    List<Asked> asked = new ArrayList<>();
    Optional<ObjectKey> account = AccountNames.account(user);
    if (account.isPresent()) {
      asked.add(new Asked(GroupResource.SERVICE_ACCOUNTS, "", account.get()));
    } else {
      asked.add(new Asked(GroupResource.core("users"), "", new ObjectKey("", user)));
    }
    for (String group : groups) {
      asked.add(new Asked(GroupResource.core("groups"), "", new ObjectKey("", group)));
    }
    extra.forEach(
        (key, values) ->
            values.forEach(
                value ->
                    asked.add(
                        new Asked(
                            new GroupResource(AUTHENTICATION, "userextras"),
                            key,
                            new ObjectKey("", value)))));
    if (!uid.isEmpty()) {
      asked.add(new Asked(new GroupResource(AUTHENTICATION, "uids"), "", new ObjectKey("", uid)));
    }
    return asked;
  }

  /** One thing that has to be allowed. */
  record Asked(GroupResource resource, String subresource, ObjectKey key) {}

  /** Who the request is then made by. */
  Identity identity() {
    List<String> all = new ArrayList<>(groups);
    if (groups.isEmpty()) {
      AccountNames.account(user)
          .ifPresent(account -> all.addAll(AccountNames.groups(account.namespace())));
    }
    boolean anonymous = user.equals(AccountNames.ANONYMOUS);
    String presence = anonymous ? AccountNames.UNAUTHENTICATED : AccountNames.AUTHENTICATED;
    boolean said =
        all.contains(AccountNames.AUTHENTICATED) || all.contains(AccountNames.UNAUTHENTICATED);
    if (!said) {
      all.add(presence);
    }
    return new Identity(user, uid, all, extra);
  }
}
