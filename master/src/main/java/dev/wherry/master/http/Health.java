package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code /healthz}, {@code /livez} and {@code /readyz} (Kubernetes API health endpoints): 200 and
 * {@code ok}, or 500 and what is wrong. Thread-safe.
 */
final class Health {
  /** That there is an answer at all. */
  private static final HealthCheck PING =
      new HealthCheck("ping", HealthCheck.Scope.LIVE, Optional::empty);

  private final List<HealthCheck> checks;

  Health(List<HealthCheck> checks) {
    this.checks = Stream.concat(Stream.of(PING), checks.stream()).toList();
  }

  /**
   * Answers one endpoint.
   *
   * @param check the one check that is asked for; empty for all
   */
  Answer answer(String endpoint, String check, Query query) {
    List<HealthCheck> asked = asked(endpoint);
    if (!check.isEmpty()) {
      asked = asked.stream().filter(each -> each.name().equals(check)).toList();
      if (asked.isEmpty()) {
        throw ApiService.notServed();
      }
    }
    StringBuilder report = new StringBuilder();
    boolean well = true;
    for (HealthCheck each : asked) {
      if (query.all("exclude").contains(each.name())) {
        report.append("[+]").append(each.name()).append(" excluded: ok\n");
        continue;
      }
      Optional<String> failure = each.failure().get();
      well &= failure.isEmpty();
      report.append(failure.isEmpty() ? "[+]" : "[-]").append(each.name());
      report.append(failure.map(why -> " failed: " + why + "\n").orElse(" ok\n"));
    }
    if (!well) {
      return Answer.text(500, report + endpoint + " check failed\n");
    }
    return Answer.text(200, query.has("verbose") ? report + endpoint + " check passed\n" : "ok");
  }

  private List<HealthCheck> asked(String endpoint) {
    return switch (endpoint) {
      case "readyz" -> checks;
      case "livez", "healthz" ->
          checks.stream().filter(each -> each.scope() == HealthCheck.Scope.LIVE).toList();
      default -> throw StatusException.badRequest("no health endpoint: " + endpoint);
    };
  }
}
