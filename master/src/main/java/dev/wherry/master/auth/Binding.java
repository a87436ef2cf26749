package dev.wherry.master.auth;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who has a role (rbac.authorization.k8s.io/v1 RoleBinding and ClusterRoleBinding). Immutable.
 *
 * @param namespace where the binding stands and counts; empty for the whole cluster
 */
public record Binding(String namespace, String name, RoleRef role, List<Subject> subjects) {

  /** A role by name; {@code kind} is {@code Role} or {@code ClusterRole}. */
  public record RoleRef(String kind, String name) {}

  /** Somebody; the namespace is only a service account's. */
  public record Subject(String kind, String namespace, String name) {

    /** Whether the user, or one of the groups, is meant. */
    boolean is(String user, List<String> groups) {
      return switch (kind) {
        case "User" -> user.equals(name);
        case "Group" -> groups.contains(name);
        case "ServiceAccount" -> AccountNames.isOf(user, namespace, name);
        default -> false;
      };
    }

    /** As Kubernetes' reasons write it. */
    @Override
    public String toString() {
      return kind + " \"" + name + (namespace.isEmpty() ? "" : "/" + namespace) + "\"";
    }
  }

  public Binding {
    subjects = List.copyOf(subjects);
  }

  public static Binding of(Obj binding) {
    Obj metadata = binding.obj("metadata");
    String namespace = metadata.string("namespace");
    Obj ref = binding.obj("roleRef");
    List<Subject> subjects = new ArrayList<>();
    for (Obj each : binding.objs("subjects")) {
      String kind = each.string("kind");
      String place = kind.equals("ServiceAccount") ? each.string("namespace", namespace) : "";
      subjects.add(new Subject(kind, place, each.string("name")));
    }
    return new Binding(
        namespace,
        metadata.string("name"),
        new RoleRef(ref.string("kind"), ref.string("name")),
        subjects);
  }

  /** The subject by which the user has the role. */
  Optional<Subject> subject(String user, List<String> groups) {
    for (Subject each : subjects) {
      if (each.is(user, groups)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** As Kubernetes' reasons write it. */
  @Override
  public String toString() {
    return namespace.isEmpty()
        ? "ClusterRoleBinding \"" + name + "\""
        : "RoleBinding \"" + name + "/" + namespace + "\"";
  }
}
