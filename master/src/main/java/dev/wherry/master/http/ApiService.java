package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.registry.Conversion;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Subresource;
import dev.wherry.master.registry.Warnings;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** Answers every path of the Kubernetes API. Thread-safe. */
final class ApiService implements Dispatcher.Service {
  private final Entrance entrance;
  private final ObjectRequests objects;
  private final WatchRequests watches;
  private final StreamRequests streams;
  private final OpenApiDocuments openApi;
  private final Health health;
  private final String serverAddress;

  ApiService(
      Entrance entrance,
      ObjectRequests objects,
      WatchRequests watches,
      StreamRequests streams,
      OpenApiDocuments openApi,
      Health health,
      String serverAddress) {
    this.entrance = entrance;
    this.objects = objects;
    this.watches = watches;
    this.streams = streams;
    this.openApi = openApi;
    this.health = health;
    this.serverAddress = serverAddress;
  }

  /** Nothing of this name: what clients take for a kind that the server does not know. */
  static StatusException notServed() {
    return StatusException.of(Reason.NOT_FOUND, "the server could not find the requested resource");
  }

  @Override
  public void serve(ApiRequest request, Exchange exchange) throws IOException {
    Route route = Route.of(request.path());
    if (route instanceof Route.Objects target) {
      serveObjects(request, target, exchange);
      return;
    }
    requirePath(request);
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      throw ObjectRequests.notAllowed();
    }
    List<ResourceDefinition> definitions = entrance.definitions().served();
    switch (route) {
      case Route.OpenApiV2 _ -> openApi.serveV2(request, definitions, exchange);
      case Route.OpenApiV3(String name) when !name.isEmpty() ->
          openApi.serveV3(request, name, definitions, exchange);
      default -> respond(request, document(route, request), exchange);
    }
  }

  private static void respond(ApiRequest request, Answer answer, Exchange exchange)
      throws IOException {
    Answer printed = PrettyJson.isWanted(request) ? PrettyJson.printed(answer) : answer;
    exchange.respond(Gzip.compressed(request, printed));
  }

  private void requirePath(ApiRequest request) {
    String verb = request.method().toLowerCase(java.util.Locale.ROOT);
    entrance.requirePath(request.identity(), verb, request.path());
  }

  private void serveObjects(ApiRequest request, Route.Objects route, Exchange exchange)
      throws IOException {
    ResourceDefinition definition = definition(route);
    Optional<Subresource> subresource = definition.subresource(route.subresource());
    if (!route.subresource().isEmpty() && subresource.isEmpty()) {
      throw notServed();
    }
    definition.warning().ifPresent(exchange::warn);
    if (subresource.map(Subresource::isStream).orElse(false)) {
      streams.serve(request, route, exchange);
    } else if (isWatch(request, route)) {
      watches.serve(request, route, definition, exchange);
    } else {
      Answer answer =
          Warnings.heardBy(exchange::warn, () -> objects.answer(request, route, definition));
      respond(request, answer, exchange);
    }
  }

  private static boolean isWatch(ApiRequest request, Route.Objects route) {
    return request.method().equals("GET") && route.isCollection() && request.query().flag("watch");
  }

  private ResourceDefinition definition(Route.Objects route) {
    ResourceDefinition definition =
        entrance
            .definitions()
            .conversion(route.resource(), route.version())
            .map(Conversion::served)
            .or(() -> entrance.definitions().find(route.resource()))
            .orElseThrow(ApiService::notServed);
    boolean misplaced = !definition.isNamespaced() && !route.key().namespace().isEmpty();
    boolean unplaced =
        definition.isNamespaced() && route.key().namespace().isEmpty() && !route.isCollection();
    if (!definition.versions().contains(route.version()) || misplaced || unplaced) {
      throw notServed();
    }
    return definition;
  }

  private Answer document(Route route, ApiRequest request) {
    Discovery discovery = new Discovery(entrance.definitions().served());
    return switch (route) {
      case Route.IssuerConfiguration _ ->
          Answer.json(200, entrance.issuer("https://" + serverAddress));
      case Route.IssuerKeys _ ->
          new Answer(200, "application/jwk-set+json", Json.write(entrance.issuerKeys()));
      case Route.Version _ -> Answer.json(200, ServerVersion.DOCUMENT);
      case Route.Health(String endpoint, String check) ->
          health.answer(endpoint, check, request.query());
      case Route.Root _ -> Answer.json(200, Obj.of("paths", paths(discovery)));
      case Route.CoreVersions _ ->
          AggregatedDiscovery.answer(request, discovery.core())
              .orElseGet(() -> encoded(request, discovery.coreVersions(serverAddress)));
      case Route.Groups _ ->
          AggregatedDiscovery.answer(request, discovery.named())
              .orElseGet(() -> encoded(request, discovery.groups()));
      case Route.Group(String group) -> found(request, discovery.group(group));
      case Route.Resources(String group, String version) ->
          found(request, discovery.resources(group, version));
      case Route.OpenApiV3 _ ->
          Answer.json(200, OpenApiDocuments.index(entrance.definitions().served()));
      case Route.Unknown _ -> throw notServed();
      case Route.OpenApiV2 _, Route.Objects _ ->
          throw new IllegalStateException("served elsewhere");
    };
  }

  private static Answer found(ApiRequest request, Optional<Obj> document) {
    return encoded(request, document.orElseThrow(ApiService::notServed));
  }

  /** In the encoding that the client wants, of those that discovery has in Kubernetes, too. */
  private static Answer encoded(ApiRequest request, Obj document) {
    Representation.Encoding encoding =
        Representation.of(request.header("accept"), EnumSet.allOf(Representation.Encoding.class))
            .encoding();
    // The list of the core group's versions has none of its own, but as a message.
    Obj typed =
        encoding == Representation.Encoding.PROTOBUF ? document.with("apiVersion", "v1") : document;
    return new Answer(200, encoding.mediaType(), encoding.encode(typed));
  }

  private static List<String> paths(Discovery discovery) {
    List<String> paths = new java.util.ArrayList<>(List.of("/api", "/api/v1", "/apis"));
    discovery
        .versionsByGroup()
        .forEach(
            (group, versions) -> {
              paths.add("/apis/" + group);
              versions.forEach(version -> paths.add("/apis/" + group + "/" + version));
            });
    paths.addAll(
        List.of(
            "/.well-known/openid-configuration",
            "/healthz",
            "/livez",
            "/openapi/v2",
            "/openapi/v3",
            "/openid/v1/jwks",
            "/readyz",
            "/version"));
    return paths;
  }
}
