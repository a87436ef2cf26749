package dev.wherry.master.registry.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.ArrayList;
import java.util.List;

/** Objects for tables of cases: JSON with single quotes, and what a kind makes of it. */
final class Manifests {
  private Manifests() {}

  static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  static Object value(String text) {
    return Json.readValue(text.replace('\'', '"').getBytes(UTF_8), _ -> {});
  }

  /** The kind of a resource such as {@code pods} or {@code deployments.apps}. */
  static ResourceDefinition kind(String resource) {
    int dot = resource.indexOf('.');
    return BuiltInKinds.definitions()
        .get(
            dot < 0
                ? new GroupResource("", resource)
                : new GroupResource(resource.substring(dot + 1), resource.substring(0, dot)));
  }

  /** The object with the value put at a path such as {@code spec/containers/0/name}. */
  static Obj with(String object, String path, String value) {
    return (Obj) put(json(object), path.split("/", -1), 0, value(value));
  }

  private static Object put(Object at, String[] path, int depth, Object value) {
    if (depth == path.length) {
      return value;
    }
    if (at instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list);
      int index = Integer.parseInt(path[depth]);
      copy.set(index, put(copy.get(index), path, depth + 1, value));
      return List.copyOf(copy);
    }
    Obj object = (Obj) at;
    Object member = object.get(path[depth]).orElse(Obj.EMPTY);
    return object.with(path[depth], put(member, path, depth + 1, value));
  }

  static Obj defaulted(ResourceDefinition kind, Obj object) {
    return kind.strategy().defaults(object);
  }

  /** What is wrong with the object after its defaults, line by line. */
  static List<String> complaints(ResourceDefinition kind, Obj object) {
    Causes causes = new Causes();
    kind.strategy().check(defaulted(kind, object), causes);
    return texts(causes);
  }

  /** All of them in one line, the longest of their words shortened; {@code fine} for none. */
  static String shown(List<String> complaints) {
    return complaints.isEmpty()
        ? "fine"
        : String.join("; ", complaints)
            .replaceAll("a lowercase RFC 1123 subdomain must [^;]*", "SUBDOMAIN")
            .replaceAll("a lowercase RFC 1123 label must [^;]*", "LABEL")
            .replaceAll("name part must consist [^;]*", "QUALIFIED");
  }

  /** The same of one that is new, of which more is asked. */
  static List<String> newComplaints(ResourceDefinition kind, Obj object) {
    Causes causes = new Causes();
    Obj made = defaulted(kind, object);
    kind.strategy().check(made, causes);
    kind.strategy().checkNew(made, causes);
    return texts(causes);
  }

  /** What is wrong with the change. */
  static List<String> changes(ResourceDefinition kind, Obj before, Obj after) {
    return changes(kind, "", before, after);
  }

  /** What is wrong with the change through this subresource. */
  static List<String> changes(ResourceDefinition kind, String subresource, Obj before, Obj after) {
    Causes causes = new Causes();
    Obj was = defaulted(kind, before);
    Obj is = defaulted(kind, after);
    if (subresource.isEmpty()) {
      kind.strategy().checkUpdate(is, was, causes);
    } else {
      kind.strategy().checkPartUpdate(subresource, is, was, causes);
    }
    return texts(causes);
  }

  private static List<String> texts(Causes causes) {
    return causes.list().stream().map(Cause::toString).toList();
  }
}
