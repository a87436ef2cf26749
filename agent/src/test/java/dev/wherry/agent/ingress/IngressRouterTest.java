package dev.wherry.agent.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IngressRouterTest {
  private static final Obj OURS =
      Json.read(
          """
          {"metadata": {"name": "wherry",
            "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
           "spec": {"controller": "wherry.dev/ingress"}}
          """);
  private static final Obj FOREIGN =
      Json.read("{\"metadata\": {\"name\": \"nginx\"}, \"spec\": {\"controller\": \"x/y\"}}");
  private static final String DAY = "2026-01-01T00:00:00Z";

  private static Obj path(String type, String path, String service) {
    return Obj.of(
        "path",
        path,
        "pathType",
        type,
        "backend",
        Obj.of("service", Obj.of("name", service, "port", Obj.of("number", 80L))));
  }

  private static Obj ingress(String name, String created, String host, Obj... paths) {
    return Obj.of(
        "metadata",
        Obj.of("namespace", "default", "name", name, "creationTimestamp", created),
        "spec",
        Obj.of("rules", List.of(Obj.of("host", host, "http", Obj.of("paths", List.of(paths))))));
  }

  private static String routed(IngressRouter router, String host, String path) {
    return router
        .route(host, path)
        .flatMap(Route::backend)
        .map(each -> each.service().name())
        .orElse("nothing");
  }

  /** The table of Kubernetes' documentation: type, path, asked, whether it matches. */
  @ParameterizedTest
  @CsvSource({
    "Prefix, /, /anything, true",
    "Exact, /foo, /foo, true",
    "Exact, /foo, /bar, false",
    "Exact, /foo, /foo/, false",
    "Exact, /foo/, /foo, false",
    "Prefix, /foo, /foo, true",
    "Prefix, /foo, /foo/, true",
    "Prefix, /foo/, /foo, true",
    "Prefix, /foo/, /foo/, true",
    "Prefix, /aaa/bb, /aaa/bbb, false",
    "Prefix, /aaa/bbb, /aaa/bbb, true",
    "Prefix, /aaa/bbb/, /aaa/bbb, true",
    "Prefix, /aaa/bbb, /aaa/bbb/, true",
    "Prefix, /aaa/bbb, /aaa/bbb/ccc, true",
    "Prefix, /aaa/bbb, /aaa/bbbxyz, false",
  })
  void comparesPathsElementByElement(String type, String path, String asked, boolean matches) {
    IngressRouter router =
        IngressRouter.of(
            List.of(ingress("a", DAY, "h.example", path(type, path, "web"))), List.of(OURS));
    assertThat(routed(router, "h.example", asked)).isEqualTo(matches ? "web" : "nothing");
  }

  @Test
  void theLongestPathGoesFirstAndAnExactOneBeforeAPrefix() {
    IngressRouter router =
        IngressRouter.of(
            List.of(
                ingress(
                    "a",
                    DAY,
                    "h.example",
                    path("Prefix", "/", "root"),
                    path("Prefix", "/api", "prefix"),
                    path("Exact", "/api", "exact"),
                    path("Prefix", "/api/v1", "longer"))),
            List.of(OURS));
    assertThat(routed(router, "h.example", "/api")).isEqualTo("exact");
    assertThat(routed(router, "h.example", "/api/x")).isEqualTo("prefix");
    assertThat(routed(router, "h.example", "/api/v1/x")).isEqualTo("longer");
    assertThat(routed(router, "h.example", "/x")).isEqualTo("root");
  }

  @Test
  void aHostGoesBeforeAWildcardAndThatBeforeNone() {
    IngressRouter router =
        IngressRouter.of(
            List.of(
                ingress("a", DAY, "", path("Prefix", "/", "any")),
                ingress("b", DAY, "*.example.org", path("Prefix", "/", "wild")),
                ingress("c", DAY, "www.example.org", path("Prefix", "/", "own"))),
            List.of(OURS));
    assertThat(routed(router, "www.example.org", "/")).isEqualTo("own");
    assertThat(routed(router, "x.example.org", "/")).isEqualTo("wild");
    assertThat(routed(router, "a.b.example.org", "/")).isEqualTo("any");
    assertThat(routed(router, "example.org", "/")).isEqualTo("any");
  }

  @Test
  void theOlderIngressHasWhatTwoSay() {
    IngressRouter router =
        IngressRouter.of(
            List.of(
                ingress("a", "2026-02-01T00:00:00Z", "h.example", path("Prefix", "/", "young")),
                ingress("b", DAY, "h.example", path("Prefix", "/", "old"))),
            List.of(OURS));
    assertThat(routed(router, "h.example", "/")).isEqualTo("old");
  }

  @Test
  void servesItsOwnClassesAndWithoutAClassWhenItIsTheDefault() {
    Obj none = ingress("a", DAY, "h.example", path("Prefix", "/", "web"));
    Obj foreign = none.with("spec", none.obj("spec").with("ingressClassName", "nginx"));
    Obj own = none.with("spec", none.obj("spec").with("ingressClassName", "wherry"));
    assertThat(IngressRouter.of(List.of(foreign), List.of(OURS, FOREIGN)).isEmpty()).isTrue();
    assertThat(IngressRouter.of(List.of(own), List.of(OURS, FOREIGN)).isEmpty()).isFalse();
    assertThat(IngressRouter.of(List.of(none), List.of(OURS)).isEmpty()).isFalse();
    assertThat(IngressRouter.of(List.of(none), List.of(FOREIGN)).isEmpty()).isTrue();
  }

  @Test
  void findsTheCertificateOfAHostAndOfItsWildcard() {
    Obj tls =
        Json.read(
            """
            {"metadata": {"namespace": "n", "name": "a"},
             "spec": {"defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}},
               "tls": [{"hosts": ["Own.example.org"], "secretName": "own"},
                       {"hosts": ["*.example.org"], "secretName": "wild"}]}}
            """);
    IngressRouter router = IngressRouter.of(List.of(tls), List.of(OURS));
    assertThat(router.certificate("own.example.org")).contains(new ObjectKey("n", "own"));
    assertThat(router.certificate("x.example.org")).contains(new ObjectKey("n", "wild"));
    assertThat(router.certificate("x.example.com")).isEmpty();
    assertThat(routed(router, "whatever", "/")).isEqualTo("web");
  }

  @Test
  void aCertificateWithoutHostsIsForThoseOfTheRules() {
    Obj named =
        ingress("a", DAY, "h.example", path("Prefix", "/", "web"))
            .change("spec", spec -> spec.with("tls", List.of(Obj.of("secretName", "named"))));
    IngressRouter router = IngressRouter.of(List.of(named), List.of(OURS));
    assertThat(router.certificate("h.example")).contains(new ObjectKey("default", "named"));
    assertThat(router.certificate("other.example")).isEmpty();
    assertThat(router.isSecured(ObjectKey.of(named), "other.example")).isFalse();

    Obj all =
        ingress("b", DAY, "", path("Prefix", "/", "all"))
            .change("spec", spec -> spec.with("tls", List.of(Obj.of("secretName", "all"))));
    Obj plain = ingress("c", DAY, "plain.example", path("Prefix", "/", "web"));
    router = IngressRouter.of(List.of(named, all, plain), List.of(OURS));
    assertThat(router.certificate("h.example")).contains(new ObjectKey("default", "named"));
    assertThat(router.certificate("plain.example")).contains(new ObjectKey("default", "all"));
    assertThat(router.certificate("")).as("no SNI").contains(new ObjectKey("default", "all"));
    assertThat(router.isSecured(ObjectKey.of(all), "any.example")).isTrue();
    assertThat(router.isSecured(ObjectKey.of(plain), "plain.example"))
        .as("its plain requests are not sent to HTTPS by another Ingress's certificate")
        .isFalse();
  }

  @Test
  void rewritesByTheGroupsOfAnExpression() {
    Obj plain =
        ingress("a", DAY, "h.example", path("ImplementationSpecific", "/app(/|$)(.*)", "web"));
    Obj annotations =
        Obj.of(
            "nginx.ingress.kubernetes.io/use-regex",
            "true",
            "nginx.ingress.kubernetes.io/rewrite-target",
            "/$2");
    Obj rewriting = plain.change("metadata", each -> each.with("annotations", annotations));
    IngressRouter router = IngressRouter.of(List.of(rewriting), List.of(OURS));
    Route route = router.route("h.example", "/app/x/y").orElseThrow();
    assertThat(route.rewrite("/app/x/y", "?q=1")).isEqualTo("/x/y?q=1");
    assertThat(route.rewrite("/app", "")).isEqualTo("/");
    assertThat(routed(router, "h.example", "/other")).isEqualTo("nothing");
  }

  @Test
  void pathsThatAreNoExpressionsLeadNowhereAndTheOthersDo() {
    Obj plain =
        ingress(
            "a",
            DAY,
            "h.example",
            path("ImplementationSpecific", "/app(?=x)", "lost"),
            path("ImplementationSpecific", "/web(.*)", "web"));
    Obj rewrite = Obj.of("nginx.ingress.kubernetes.io/rewrite-target", "/$1");
    Obj rewriting = plain.change("metadata", each -> each.with("annotations", rewrite));
    IngressRouter router = IngressRouter.of(List.of(rewriting), List.of(OURS));

    assertThat(routed(router, "h.example", "/appx")).isEqualTo("nothing");
    assertThat(routed(router, "h.example", "/web/x")).isEqualTo("web");
    assertThat(router.mistakes())
        .extracting(IngressRouter.Mistake::message)
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("path \"/app(?=x)\" leads nowhere: error parsing regexp");
  }

  @ParameterizedTest
  @CsvSource({
    "h.example:8080, /a?b, h.example, /a",
    "H.Example, /, h.example, /",
    "h, http://other/x, other, /x",
  })
  void readsTargets(String host, String uri, String name, String path) {
    RequestTarget target = RequestTarget.of(host, uri).orElseThrow();
    assertThat(target.host()).isEqualTo(name);
    assertThat(target.path()).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({
    "h.example, /a/../b",
    "h.example, /a/%2e%2E/b",
    "h.example, /..%2fetc",
    "h.example, a",
    "h_/x, /",
    "'', /",
    "h.example, '/a b'",
  })
  void refusesTargetsThatTwoServersCouldReadDifferently(String host, String uri) {
    assertThat(RequestTarget.of(host, uri)).isEmpty();
  }

  @Test
  void understandsSizesAndTimes() {
    String prefix = "nginx.ingress.kubernetes.io/";
    Obj annotations =
        Obj.of(
            prefix + "proxy-body-size", "8m",
            prefix + "proxy-read-timeout", "5",
            prefix + "permanent-redirect", "https://example.org");
    RouteOptions options = RouteOptions.of(Obj.of("metadata", Obj.of("annotations", annotations)));
    assertThat(options.maxBodyBytes()).isEqualTo(8L << 20);
    assertThat(options.silence()).hasSeconds(5);
    assertThat(options.redirects().code()).isEqualTo(301);
    assertThat(RouteOptions.of(Obj.EMPTY).maxBodyBytes())
        .isEqualTo(RouteOptions.DEFAULT_MAX_BODY_BYTES);
  }

  @ParameterizedTest(name = "connect {0}, read {1}, send {2}")
  @CsvSource({
    "'', '', '', 5, 60, 0",
    "30, '', '', 30, 60, 0",
    "'', 3600, '', 5, 3600, 0",
    "'', '', 600, 5, 600, 0",
    "'', 3600, 600, 5, 3600, 0",
    "76, 0, 1h, 5, 60, 3",
  })
  void waitsAsLongAsItsAnnotationsSay(
      String connect, String read, String send, long connecting, long silent, int complaints) {
    String prefix = "nginx.ingress.kubernetes.io/proxy-";
    Obj annotations =
        Obj.of(
            prefix + "connect-timeout", connect,
            prefix + "read-timeout", read,
            prefix + "send-timeout", send);
    RouteOptions options = RouteOptions.of(Obj.of("metadata", Obj.of("annotations", annotations)));
    assertThat(options.connectTimeout()).hasSeconds(connecting);
    assertThat(options.silence()).hasSeconds(silent);
    assertThat(options.complaints()).hasSize(complaints);
  }
}
