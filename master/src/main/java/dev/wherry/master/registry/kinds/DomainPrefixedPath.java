package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.regex.Pattern;

/** Names such as {@code acme.io/foo}: a domain, and behind it what can stand in a path. Pure. */
final class DomainPrefixedPath {
  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+");

  private DomainPrefixedPath() {}

  static void check(String name, String path, Causes causes) {
    if (name.isEmpty()) {
      causes.required(path, "");
      return;
    }
    int slash = name.indexOf('/');
    if (slash <= 0 || slash == name.length() - 1) {
      causes.invalid(path, name, "must be a domain-prefixed path (such as \"acme.io/foo\")");
      return;
    }
    Checks.name(NameRule.DNS_SUBDOMAIN, name.substring(0, slash), path, causes);
    String rest = name.substring(slash + 1);
    if (!PATH.matcher(rest).matches()) {
      causes.invalid(
          path, rest, "Invalid path (regex used for validation is '" + PATH.pattern() + "')");
    }
  }
}
