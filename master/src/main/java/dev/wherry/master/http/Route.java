package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import java.util.ArrayList;
import java.util.List;

/** What a path asks for (Kubernetes API concepts, resource URIs). */
sealed interface Route {
  /** {@code /version}. */
  record Version() implements Route {}

  /** {@code /.well-known/openid-configuration}: who issues the tokens of service accounts. */
  record IssuerConfiguration() implements Route {}

  /** {@code /openid/v1/jwks}: the keys of those tokens. */
  record IssuerKeys() implements Route {}

  /** {@code /healthz}, {@code /livez}, {@code /readyz}, and one check below them. */
  record Health(String endpoint, String check) implements Route {}

  /** {@code /api}. */
  record CoreVersions() implements Route {}

  /** {@code /apis}. */
  record Groups() implements Route {}

  /** {@code /apis/GROUP}. */
  record Group(String group) implements Route {}

  /** {@code /api/v1} or {@code /apis/GROUP/VERSION}. */
  record Resources(String group, String version) implements Route {}

  /** {@code /openapi/v2}. */
  record OpenApiV2() implements Route {}

  /** {@code /openapi/v3}, and a document below it. */
  record OpenApiV3(String document) implements Route {}

  /**
   * Objects of a resource: a collection where the key's name is empty.
   *
   * @param rest the path behind a subresource, as {@code proxy} has one
   */
  record Objects(
      String version, GroupResource resource, ObjectKey key, String subresource, String rest)
      implements Route {
    boolean isCollection() {
      return key.name().isEmpty();
    }
  }

  /** The root: a list of paths. */
  record Root() implements Route {}

  /** Nothing that we know. */
  record Unknown() implements Route {}

  static Route of(String path) {
    List<String> steps = steps(path);
    if (steps.isEmpty()) {
      return new Root();
    }
    return switch (steps.getFirst()) {
      case "version" -> steps.size() == 1 ? new Version() : new Unknown();
      case ".well-known" ->
          steps.equals(List.of(".well-known", "openid-configuration"))
              ? new IssuerConfiguration()
              : new Unknown();
      case "openid" ->
          steps.equals(List.of("openid", "v1", "jwks")) ? new IssuerKeys() : new Unknown();
      case "healthz", "livez", "readyz" ->
          steps.size() > 2
              ? new Unknown()
              : new Health(steps.getFirst(), steps.size() == 2 ? steps.get(1) : "");
      case "openapi" -> openApi(steps);
      case "api" ->
          switch (steps.size()) {
            case 1 -> new CoreVersions();
            case 2 -> new Resources("", steps.get(1));
            default -> objects("", steps.get(1), steps.subList(2, steps.size()));
          };
      case "apis" ->
          switch (steps.size()) {
            case 1 -> new Groups();
            case 2 -> new Group(steps.get(1));
            case 3 -> new Resources(steps.get(1), steps.get(2));
            default -> objects(steps.get(1), steps.get(2), steps.subList(3, steps.size()));
          };
      default -> new Unknown();
    };
  }

  private static List<String> steps(String path) {
    List<String> steps = new ArrayList<>(8);
    for (int start = 0; start < path.length(); ) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      if (end > start) {
        steps.add(path.substring(start, end));
      }
      start = end + 1;
    }
    return steps;
  }

  private static Route openApi(List<String> steps) {
    if (steps.size() == 2 && steps.get(1).equals("v2")) {
      return new OpenApiV2();
    }
    if (steps.size() >= 2 && steps.get(1).equals("v3")) {
      return new OpenApiV3(String.join("/", steps.subList(2, steps.size())));
    }
    return new Unknown();
  }

  private static Route objects(String group, String version, List<String> steps) {
    // /namespaces/NAME/RESOURCE... is inside a namespace; /namespaces/NAME[/status|finalize] is
    // one.
    boolean inNamespace =
        steps.getFirst().equals("namespaces")
            && steps.size() > 2
            && !(steps.size() == 3 && List.of("status", "finalize").contains(steps.get(2)));
    String namespace = inNamespace ? steps.get(1) : "";
    List<String> rest = inNamespace ? steps.subList(2, steps.size()) : steps;
    String name = rest.size() > 1 ? rest.get(1) : "";
    String subresource = rest.size() > 2 ? rest.get(2) : "";
    String behind = rest.size() > 3 ? String.join("/", rest.subList(3, rest.size())) : "";
    return new Objects(
        version,
        new GroupResource(group, rest.getFirst()),
        new ObjectKey(namespace, name),
        subresource,
        behind);
  }
}
