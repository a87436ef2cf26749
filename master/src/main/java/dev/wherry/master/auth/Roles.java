package dev.wherry.master.auth;

import java.util.Collection;
import java.util.List;

/** The roles and bindings that there are. */
public interface Roles {
  /** The bindings of the namespace; of the cluster where it is empty. */
  Collection<Binding> bindings(String namespace);

  /** Whether there is the role that a binding in this namespace names. */
  boolean has(Binding.RoleRef role, String namespace);

  /** The rules of a role that a binding in this namespace names; none where it is missing. */
  List<Rule> rules(Binding.RoleRef role, String namespace);
}
