package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.TypeCheck;
import dev.wherry.api.status.StatusException;
import java.util.ArrayList;
import java.util.List;

/**
 * The unknown and duplicate fields of what a client sent: let go, told as warnings or refused, all
 * of them at once, as the request asks (Kubernetes API concepts, field validation).
 */
public final class FieldComplaints {
  private FieldComplaints() {}

  /**
   * Deals with the fields of an object.
   *
   * @param unknown messages such as {@code unknown field "spec.foo"}
   * @throws StatusException BAD_REQUEST where there are some and validation is strict
   */
  public static void raise(GroupVersionKind type, List<String> unknown, WriteOptions options) {
    List<String> all = all(unknown, options);
    if (options.fieldValidation() == WriteOptions.FieldValidation.STRICT && !all.isEmpty()) {
      throw TypeCheck.strictFailure(type, all);
    }
    warn(all, options);
  }

  static void warn(List<String> complaints, WriteOptions options) {
    if (options.fieldValidation() == WriteOptions.FieldValidation.WARN) {
      complaints.forEach(Warnings::warn);
    }
  }

  /** A field that is not known is not told of again where it came twice. */
  static List<String> all(List<String> unknown, WriteOptions options) {
    List<String> all = new ArrayList<>(unknown);
    for (String path : options.duplicates()) {
      if (unknown.stream().noneMatch(each -> isWithin(path, each))) {
        all.add("duplicate field \"" + path + "\"");
      }
    }
    return all;
  }

  private static boolean isWithin(String path, String complaint) {
    String unknown = complaint.replaceFirst("^unknown field \"", "").replaceFirst("\"$", "");
    return path.equals(unknown) || path.startsWith(unknown + ".") || path.startsWith(unknown + "[");
  }
}
