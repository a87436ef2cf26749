package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The roles and bindings that every cluster has (Kubernetes, Using RBAC Authorization), read from
 * the table beside this class. Immutable.
 *
 * @param objects by resource, as they are to be created
 */
public record DefaultRoles(Map<GroupResource, List<Obj>> objects) {
  private static final String TABLE = "default-roles.txt";
  private static final String API_VERSION = RoleIndex.GROUP + "/v1";
  private static final Map<String, String> LABELS =
      Map.of("kubernetes.io/bootstrapping", "rbac-defaults");

  /** {@code false} on an object says that it is to stay as its user made it. */
  public static final String AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";

  /** Reads the table. */
  public static DefaultRoles read() {
    try (InputStream in =
        Objects.requireNonNull(DefaultRoles.class.getResourceAsStream(TABLE), TABLE)) {
      return new Parser().parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Collects the table's lines. */
  private static final class Parser {
    private final Map<GroupResource, List<Obj>> objects = new LinkedHashMap<>();
    private final List<Obj> rules = new ArrayList<>();
    private Obj role = Obj.EMPTY;

    DefaultRoles parse(String text) {
      RoleIndex.RESOURCES.forEach(resource -> objects.put(resource, new ArrayList<>()));
      for (String line : text.lines().toList()) {
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        if (line.startsWith("  ")) {
          rules.add(rule(line));
          continue;
        }
        finishRole();
        List<String> words = List.of(line.split(" ", -1));
        List<String> rest = words.subList(2, words.size());
        switch (words.getFirst()) {
          case "role" -> role = object("Role", words.get(1), labels(rest));
          case "aggregate" -> aggregate(words.get(1), rest);
          case "bind" -> bind(words.get(1), rest.getFirst(), rest.subList(1, rest.size()));
          default -> throw new IllegalStateException(TABLE + ": " + line);
        }
      }
      finishRole();
      return new DefaultRoles(Map.copyOf(objects));
    }

    private void finishRole() {
      if (!role.isEmpty()) {
        add(role.with("rules", rules));
      }
      role = Obj.EMPTY;
      rules.clear();
    }

    private void add(Obj object) {
      String resource = object.string("kind").toLowerCase(java.util.Locale.ROOT) + "s";
      Objects.requireNonNull(objects.get(new GroupResource(RoleIndex.GROUP, resource))).add(object);
    }

    private void aggregate(String name, List<String> rest) {
      Obj selector = Obj.of("matchLabels", Map.of(rest.getFirst(), "true"));
      add(
          object("Role", name, labels(rest.subList(1, rest.size())))
              .with("aggregationRule", Obj.of("clusterRoleSelectors", List.of(selector)))
              .with("rules", List.of()));
    }

    private void bind(String name, String roleName, List<String> subjects) {
      Obj binding = object("RoleBinding", name, Map.of());
      boolean inNamespace = binding.obj("metadata").has("namespace");
      add(
          binding
              .with(
                  "roleRef",
                  Obj.of(
                      "apiGroup",
                      RoleIndex.GROUP,
                      "kind",
                      inNamespace ? "Role" : "ClusterRole",
                      "name",
                      roleName))
              .with("subjects", subjects.stream().map(Parser::subject).toList()));
    }

    private static Obj subject(String text) {
      String name = text.substring(text.indexOf(':') + 1);
      return switch (text.substring(0, text.indexOf(':'))) {
        case "user" -> Obj.of("kind", "User", "apiGroup", RoleIndex.GROUP, "name", name);
        case "group" -> Obj.of("kind", "Group", "apiGroup", RoleIndex.GROUP, "name", name);
        case "account" ->
            Obj.of(
                "kind",
                "ServiceAccount",
                "name",
                name.substring(name.indexOf('/') + 1),
                "namespace",
                name.substring(0, name.indexOf('/')));
        default -> throw new IllegalStateException(TABLE + ": " + text);
      };
    }

    private static Obj object(String kind, String path, Map<String, String> labels) {
      int slash = path.indexOf('/');
      Map<String, String> all = new LinkedHashMap<>(LABELS);
      all.putAll(labels);
      Obj metadata =
          Obj.builder()
              .put("name", path.substring(slash + 1))
              .putUnlessEmpty("namespace", slash < 0 ? "" : path.substring(0, slash))
              .put("labels", all)
              .put("annotations", Map.of(AUTO_UPDATE, "true"))
              .build();
      return Obj.of(
          "apiVersion",
          API_VERSION,
          "kind",
          slash < 0 ? "Cluster" + kind : kind,
          "metadata",
          metadata);
    }

    private static Map<String, String> labels(List<String> words) {
      Map<String, String> labels = new LinkedHashMap<>();
      for (String word : words) {
        int equals = word.indexOf('=');
        labels.put(word.substring(0, equals), word.substring(equals + 1));
      }
      return labels;
    }

    private static Obj rule(String line) {
      List<List<String>> parts =
          Arrays.stream(line.strip().split(" \\| ", -1))
              .map(part -> List.of(part.strip().split(" ", -1)))
              .toList();
      List<String> none = List.of();
      List<String> verbs = parts.getFirst();
      if (parts.size() == 2) {
        return new Rule(verbs, none, none, none, parts.get(1)).tree();
      }
      List<String> groups =
          parts.get(1).stream().map(group -> group.equals("core") ? "" : group).toList();
      List<String> names = parts.size() > 3 ? parts.get(3) : none;
      return new Rule(verbs, groups, parts.get(2), names, none).tree();
    }
  }
}
