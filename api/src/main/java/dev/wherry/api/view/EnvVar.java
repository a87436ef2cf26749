package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;

/** One entry of a container's {@code env}. */
public record EnvVar(Obj tree) {

  /** Where the value comes from. */
  public sealed interface Source {
    record Literal(String value) implements Source {}

    record FieldRef(String fieldPath) implements Source {}

    /** {@code containerName} is empty for the container itself. */
    record ResourceFieldRef(String containerName, String resource, String divisor)
        implements Source {}

    record ConfigMapKey(String name, String key, boolean optional) implements Source {}

    record SecretKey(String name, String key, boolean optional) implements Source {}

    /** A variable of a file that another container wrote into a volume. */
    record FileKey(String volumeName, String path, String key, boolean optional)
        implements Source {}
  }

  public String name() {
    return tree.string("name");
  }

  public Source source() {
    Obj from = tree.obj("valueFrom");
    if (from.has("fieldRef")) {
      return new Source.FieldRef(from.obj("fieldRef").string("fieldPath"));
    }
    if (from.has("resourceFieldRef")) {
      Obj ref = from.obj("resourceFieldRef");
      Object divisor = ref.get("divisor").orElse("");
      return new Source.ResourceFieldRef(
          ref.string("containerName"), ref.string("resource"), divisor.toString());
    }
    if (from.has("configMapKeyRef")) {
      Obj ref = from.obj("configMapKeyRef");
      return new Source.ConfigMapKey(ref.string("name"), ref.string("key"), ref.flag("optional"));
    }
    if (from.has("secretKeyRef")) {
      Obj ref = from.obj("secretKeyRef");
      return new Source.SecretKey(ref.string("name"), ref.string("key"), ref.flag("optional"));
    }
    if (from.has("fileKeyRef")) {
      Obj ref = from.obj("fileKeyRef");
      return new Source.FileKey(
          ref.string("volumeName"), ref.string("path"), ref.string("key"), ref.flag("optional"));
    }
    return new Source.Literal(tree.string("value"));
  }
}
