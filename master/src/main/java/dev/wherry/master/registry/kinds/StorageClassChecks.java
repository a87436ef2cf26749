package dev.wherry.master.registry.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What classes of storage, and of its attributes, must be like. Pure. */
final class StorageClassChecks {
  private static final int MAX_PARAMETERS = 512;
  private static final int MAX_PARAMETER_BYTES = 256 * 1024;

  private StorageClassChecks() {}

  static void provisioner(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "");
      return;
    }
    Labels.checkQualifiedName(name.toLowerCase(Locale.ROOT), path, causes);
  }

  static void parameters(Obj parameters, Causes causes) {
    if (parameters.size() > MAX_PARAMETERS) {
      causes.add(Cause.tooLong("parameters", MAX_PARAMETERS));
      return;
    }
    long bytes = 0;
    for (Obj.Entry each : parameters) {
      if (each.key().isEmpty()) {
        causes.invalid("parameters", "", "field can not be empty.");
      }
      bytes += each.key().getBytes(UTF_8).length;
      bytes += String.valueOf(each.value()).getBytes(UTF_8).length;
    }
    if (bytes > MAX_PARAMETER_BYTES) {
      causes.add(Cause.tooLong("parameters", MAX_PARAMETER_BYTES));
    }
  }

  /** Where volumes may be made: terms of which each says something else. */
  static void topologies(List<Obj> terms, Causes causes) {
    List<Map<String, Set<String>>> seen = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      String path = "allowedTopologies[" + i + "].matchLabelExpressions";
      Map<String, Set<String>> term = term(terms.get(i), path, causes);
      if (seen.contains(term)) {
        causes.duplicate(path, "");
      }
      seen.add(term);
    }
  }

  private static Map<String, Set<String>> term(Obj term, String path, Causes causes) {
    Map<String, Set<String>> byKey = new HashMap<>();
    List<Obj> expressions = term.objs("matchLabelExpressions");
    for (int i = 0; i < expressions.size(); i++) {
      String at = path + "[" + i + "]";
      String key = expressions.get(i).string("key");
      Set<String> values = values(expressions.get(i).strings("values"), at + ".values", causes);
      Labels.checkQualifiedName(key, at + ".key", causes);
      if (byKey.put(key, values) != null) {
        causes.duplicate(at + ".key", key);
      }
    }
    return byKey;
  }

  private static Set<String> values(List<String> values, String path, Causes causes) {
    if (values.isEmpty()) {
      causes.required(path, "");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      if (!seen.add(values.get(i))) {
        causes.duplicate(path + "[" + i + "]", values.get(i));
      }
    }
    return seen;
  }
}
