package dev.wherry.agent.ingress;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What pages of other origins may do with an Ingress's answers (Fetch, 3.2). Immutable.
 *
 * @param origins {@code https://host:port}, {@code https://*.host}, or {@code *} for all
 * @param methods the value of the field of that name, as are the next two
 * @param maxAgeSeconds how long a browser need not ask again
 */
record Cors(
    List<String> origins,
    String methods,
    String headers,
    String exposed,
    boolean credentials,
    long maxAgeSeconds) {
  private static final long DEFAULT_MAX_AGE_SECONDS = 1_728_000;

  /** What the annotations ask for; only where they enable it. */
  static Cors of(IngressAnnotations annotations) {
    List<String> origins = annotations.list("cors-allow-origin");
    return new Cors(
        origins.isEmpty() ? List.of("*") : origins,
        words(annotations, "cors-allow-methods", "GET, PUT, POST, DELETE, PATCH, OPTIONS"),
        words(
            annotations,
            "cors-allow-headers",
            "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,"
                + "Content-Type,Range,Authorization"),
        words(annotations, "cors-expose-headers", ""),
        annotations.flag("cors-allow-credentials", true),
        annotations.number("cors-max-age", 0, Integer.MAX_VALUE, DEFAULT_MAX_AGE_SECONDS));
  }

  private static String words(IngressAnnotations annotations, String name, String otherwise) {
    String text = annotations.text(name);
    boolean plain = text.chars().allMatch(c -> c > 0x1f && c < 0x7f);
    if (!plain) {
      annotations.complain(name, "must be words with commas between them");
    }
    return plain && !text.isEmpty() ? text : otherwise;
  }

  private boolean isAllowed(String origin) {
    return origins.contains("*") || origins.stream().anyMatch(each -> isMeant(each, origin));
  }

  /** A star stands for one part of a host's name. */
  private static boolean isMeant(String pattern, String origin) {
    int star = pattern.indexOf("*.");
    if (star < 0) {
      return pattern.equalsIgnoreCase(origin);
    }
    String before = pattern.substring(0, star);
    String behind = pattern.substring(star + 1);
    int part = origin.length() - before.length() - behind.length();
    return part > 0
        && origin.regionMatches(true, 0, before, 0, before.length())
        && origin.regionMatches(true, before.length() + part, behind, 0, behind.length())
        && origin.indexOf('.', before.length()) == before.length() + part;
  }

  /** Whether a browser asks what it may, and may. */
  boolean isPreflight(String method, HttpHeaders fields) {
    return method.equals("OPTIONS")
        && fields.contains("Access-Control-Request-Method")
        && isAllowed(fields.get("Origin", ""));
  }

  /** The answer to such a question. */
  OwnAnswer preflight(HttpHeaders fields) {
    OwnAnswer answer =
        new OwnAnswer(HttpResponseStatus.NO_CONTENT, Map.of(), "")
            .with("Access-Control-Allow-Methods", methods)
            .with("Access-Control-Allow-Headers", headers)
            .with("Access-Control-Max-Age", String.valueOf(maxAgeSeconds));
    for (Map.Entry<String, String> each : fields(fields.get("Origin", "")).entrySet()) {
      answer = answer.with(each.getKey(), each.getValue());
    }
    return answer;
  }

  /** Tells a browser what it may do with an answer to a request with these fields. */
  void mark(HttpHeaders answer, HttpHeaders request) {
    String origin = request.get("Origin", "");
    if (!origin.isEmpty() && isAllowed(origin)) {
      fields(origin)
          .forEach(
              (name, value) -> {
                if (name.equals("Vary")) {
                  answer.add(name, value);
                } else {
                  answer.set(name, value);
                }
              });
    }
  }

  private Map<String, String> fields(String origin) {
    Map<String, String> fields = new LinkedHashMap<>();
    boolean any = origins.contains("*");
    fields.put("Access-Control-Allow-Origin", any ? "*" : origin);
    if (!any) {
      fields.put("Vary", "Origin");
    }
    if (credentials) {
      fields.put("Access-Control-Allow-Credentials", "true");
    }
    if (!exposed.isEmpty()) {
      fields.put("Access-Control-Expose-Headers", exposed);
    }
    return fields;
  }
}
