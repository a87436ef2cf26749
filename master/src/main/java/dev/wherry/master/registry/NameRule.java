package dev.wherry.master.registry;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a name must look like; the messages are Kubernetes'. */
public enum NameRule {
  /** RFC 1123 subdomain: most kinds. */
  DNS_SUBDOMAIN(
      253,
      "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
          + " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex"
          + " used for validation is '%s')"),
  /** The same with underscores: domains that name servers search. */
  DNS_SUBDOMAIN_WITH_UNDERSCORES(
      253,
      "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*",
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-'"
          + " or '.', and must start and end with an alphanumeric character (e.g. 'example.com',"
          + " regex used for validation is '%s')"),
  /** The same behind {@code *.}: hosts of which each is of one domain. */
  WILDCARD_DNS_SUBDOMAIN(
      253,
      "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which"
          + " must consist of lower case alphanumeric characters, '-' or '.' and end with an"
          + " alphanumeric character (e.g. '*.example.com', regex used for validation is '%s')"),
  /** RFC 1123 label: namespaces, containers, services. */
  DNS_LABEL(
      NameRule.MAX_LABEL,
      "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
          + " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc',"
          + " regex used for validation is '%s')") {
    @Override
    public Optional<String> complaint(String name) {
      Optional<String> complaint = super.complaint(name);
      boolean isSubdomain = DNS_SUBDOMAIN.complaint(name).isEmpty();
      return name.indexOf('.') >= 0 && isSubdomain && name.length() <= MAX_LABEL
          ? Optional.of("must not contain dots")
          : complaint;
    }
  },
  /** What can stand in a path: roles, bindings. */
  PATH_SEGMENT(Integer.MAX_VALUE, "(?!\\.{1,2}$)[^/%]+", "may not contain '/'") {
    @Override
    public Optional<String> complaint(String name) {
      if (name.equals(".") || name.equals("..")) {
        return Optional.of("may not be '" + name + "'");
      }
      return Stream.of("/", "%")
          .filter(name::contains)
          .map(each -> "may not contain '" + each + "'")
          .findFirst();
    }
  };

  private static final int MAX_LABEL = 63;

  private final int maxLength;
  private final Pattern pattern;
  private final String complaint;

  NameRule(int maxLength, String regex, String complaint) {
    this.maxLength = maxLength;
    this.pattern = Pattern.compile(regex);
    this.complaint = String.format(complaint, regex);
  }

  /** What is wrong with the name; empty when nothing is. */
  public Optional<String> complaint(String name) {
    if (name.length() > maxLength) {
      return Optional.of("must be no more than " + maxLength + " bytes");
    }
    return pattern.matcher(name).matches() ? Optional.empty() : Optional.of(complaint);
  }
}
