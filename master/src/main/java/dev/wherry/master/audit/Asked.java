package dev.wherry.master.audit;

import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.User;
import java.time.Instant;
import java.util.List;

/**
 * A request as it came in.
 *
 * @param id that events of it share; its client may choose it
 * @param uri as the client wrote it
 * @param user who proved to be the client, before any impersonation
 * @param target what the verb is about
 * @param version of the API by which a resource is asked for; empty for a path
 * @param addresses of the client, proxies between included, the nearest last
 */
public record Asked(
    String id,
    String uri,
    User user,
    String verb,
    Attributes.Target target,
    String version,
    List<String> addresses,
    String userAgent,
    Instant received) {
  /** What is kept of a user agent. */
  private static final int MAX_USER_AGENT = 1024;

  public Asked {
    addresses = List.copyOf(addresses);
    if (userAgent.length() > MAX_USER_AGENT) {
      userAgent = userAgent.substring(0, MAX_USER_AGENT) + "...TRUNCATED";
    }
  }
}
