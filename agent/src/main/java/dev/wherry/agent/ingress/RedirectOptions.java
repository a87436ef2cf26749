package dev.wherry.agent.ingress;

/**
 * Where an Ingress sends requests instead of leading them to a backend. Immutable.
 *
 * @param ssl whether plain requests for a host with a certificate are sent to HTTPS
 * @param forceSsl the same for a host without one
 * @param location where every request is sent; empty: nowhere
 * @param code 301, 302 ...
 * @param appRoot where {@code /} is sent; empty: nowhere
 * @param twin whether who leaves out a host's {@code www.}, or adds it, is sent to the host
 */
record RedirectOptions(
    boolean ssl, boolean forceSsl, String location, int code, String appRoot, boolean twin) {
  private static final int FIRST_CODE = 300;
  private static final int LAST_CODE = 308;

  static RedirectOptions of(IngressAnnotations annotations) {
    String permanent = annotations.text("permanent-redirect");
    String temporal = annotations.text("temporal-redirect");
    int permanentCode = code(annotations, "permanent-redirect-code", 301);
    int temporalCode = code(annotations, "temporal-redirect-code", 302);
    return new RedirectOptions(
        annotations.flag("ssl-redirect", true),
        annotations.flag("force-ssl-redirect", false),
        permanent.isEmpty() ? temporal : permanent,
        permanent.isEmpty() ? temporalCode : permanentCode,
        annotations.text("app-root"),
        annotations.flag("from-to-www-redirect", false));
  }

  private static int code(IngressAnnotations annotations, String name, int otherwise) {
    return (int) annotations.number(name, FIRST_CODE, LAST_CODE, otherwise);
  }
}
