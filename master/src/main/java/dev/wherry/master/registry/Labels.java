package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What labels, their selectors and qualified names must look like, in Kubernetes' words. Pure. */
public final class Labels {
  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final Pattern VALUE =
      Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
  private static final int MAX_LENGTH = 63;
  private static final List<String> FINALIZERS =
      List.of("kubernetes", "orphan", "foregroundDeletion");
  private static final String NAME_COMPLAINT =
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end"
          + " with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex"
          + " used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  private static final String VALUE_COMPLAINT =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
          + " 'my_value',  or '12345', regex used for validation is"
          + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

  private Labels() {}

  /** Checks the {@code labels} member of this object; {@code path} is that member's. */
  public static void check(Obj labelled, String path, Causes causes) {
    checkMap(labelled.obj("labels"), path, causes);
  }

  /** Checks keys and values of a map of labels. */
  public static void checkMap(Obj labels, String path, Causes causes) {
    for (Obj.Entry label : labels) {
      checkQualifiedName(label.key(), path, causes);
      if (label.value() instanceof String value) {
        checkValue(value, path, causes);
      } else {
        causes.invalid(path, label.value(), "must be a string");
      }
    }
  }

  public static void checkValue(String value, String path, Causes causes) {
    valueComplaint(value).ifPresent(complaint -> causes.invalid(path, value, complaint));
  }

  /** What is wrong with the value of a label; empty when nothing is. */
  public static Optional<String> valueComplaint(String value) {
    if (value.length() > MAX_LENGTH) {
      return Optional.of("must be no more than " + MAX_LENGTH + " bytes");
    }
    return VALUE.matcher(value).matches() ? Optional.empty() : Optional.of(VALUE_COMPLAINT);
  }

  /** Checks a name with an optional DNS prefix, such as {@code example.com/name}. */
  public static void checkQualifiedName(String name, String path, Causes causes) {
    int slash = name.indexOf('/');
    if (slash >= 0) {
      String prefix = name.substring(0, slash);
      if (prefix.isEmpty()) {
        causes.invalid(path, name, "prefix part must be non-empty");
      } else {
        NameRule.DNS_SUBDOMAIN
            .complaint(prefix)
            .ifPresent(complaint -> causes.invalid(path, name, "prefix part " + complaint));
      }
    }
    String rest = name.substring(slash + 1);
    if (rest.isEmpty()) {
      causes.invalid(path, name, "name part must be non-empty");
    } else if (rest.length() > MAX_LENGTH) {
      causes.invalid(path, name, "name part must be no more than " + MAX_LENGTH + " bytes");
    }
    if (!NAME.matcher(rest).matches()) {
      causes.invalid(path, name, NAME_COMPLAINT);
    }
  }

  /** Checks the name of a finalizer: with a domain, or one of Kubernetes' own. */
  public static void checkFinalizer(String name, String path, Causes causes) {
    checkQualifiedName(name, path, causes);
    if (!name.contains("/") && !FINALIZERS.contains(name)) {
      causes.invalid(
          path, name, "name is neither a standard finalizer name nor is it fully qualified");
    }
  }

  /** Checks a {@code metav1.LabelSelector}. */
  public static void checkSelector(Obj selector, String path, Causes causes) {
    checkMap(selector.obj("matchLabels"), path + ".matchLabels", causes);
    List<Obj> expressions = selector.objs("matchExpressions");
    for (int i = 0; i < expressions.size(); i++) {
      checkExpression(expressions.get(i), path + ".matchExpressions[" + i + "]", causes);
    }
  }

  private static void checkExpression(Obj expression, String path, Causes causes) {
    int values = expression.list("values").size();
    switch (expression.string("operator")) {
      case "In", "NotIn" -> {
        if (values == 0) {
          causes.required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'");
        }
      }
      case "Exists", "DoesNotExist" -> {
        if (values > 0) {
          causes.forbidden(
              path + ".values",
              "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
      }
      default ->
          causes.invalid(
              path + ".operator", expression.string("operator"), "not a valid selector operator");
    }
    checkQualifiedName(expression.string("key"), path + ".key", causes);
    for (String value : expression.strings("values")) {
      checkValue(value, path + ".values", causes);
    }
  }
}
