package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.CertificateRequest;
import dev.wherry.master.pki.CertificateText;
import dev.wherry.master.registry.Causes;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The checks of certificate signing requests, in Kubernetes' words. Pure. */
final class CertificateRequestChecks {
  private static final List<String> DECISIONS = List.of("Approved", "Denied");
  private static final List<String> LASTING = List.of("Approved", "Denied", "Failed");
  private static final String CONDITIONS = "status.conditions";
  private static final String LEGACY = "kubernetes.io/legacy-unknown";
  private static final int MAX_DOMAIN = 253;
  private static final int MAX_SIGNER = 571;
  private static final long MIN_SECONDS = 600;
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern SUBDOMAIN =
      Pattern.compile(LABEL.pattern() + "(\\." + LABEL.pattern() + ")*");
  private static final List<String> USAGES =
      List.of(
          "any",
          "cert sign",
          "client auth",
          "code signing",
          "content commitment",
          "crl sign",
          "data encipherment",
          "decipher only",
          "digital signature",
          "email protection",
          "encipher only",
          "ipsec end system",
          "ipsec tunnel",
          "ipsec user",
          "key agreement",
          "key encipherment",
          "microsoft sgc",
          "netscape sgc",
          "ocsp signing",
          "s/mime",
          "server auth",
          "signing",
          "timestamping");

  private CertificateRequestChecks() {}

  static void check(Obj csr, Causes causes) {
    Obj spec = csr.obj("spec");
    String request = spec.string("request");
    read(request, CertificateRequest::parsePem, "spec.request", request, causes);
    usages(spec.strings("usages"), causes);
    signer(spec.string("signerName"), causes);
    long seconds = spec.number("expirationSeconds", MIN_SECONDS);
    if (seconds < MIN_SECONDS) {
      causes.invalid(
          "spec.expirationSeconds",
          seconds,
          "may not specify a duration less than 600 seconds (10 minutes)");
    }
    conditions(csr.obj("status").objs("conditions"), causes);
    String certificate = csr.obj("status").string("certificate");
    if (!certificate.isEmpty()) {
      read(certificate, CertificateText::parse, "status.certificate", "<certificate data>", causes);
    }
  }

  private static void read(
      String base64, Consumer<String> reader, String path, String shown, Causes causes) {
    try {
      reader.accept(new String(Base64.getDecoder().decode(base64), StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      causes.invalid(path, shown, String.valueOf(e.getMessage()));
    }
  }

  private static void usages(List<String> usages, Causes causes) {
    if (usages.isEmpty()) {
      causes.required("spec.usages", "");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < usages.size(); i++) {
      String path = "spec.usages[" + i + "]";
      if (!USAGES.contains(usages.get(i))) {
        causes.notSupported(path, usages.get(i), USAGES);
      }
      if (!seen.add(usages.get(i))) {
        causes.duplicate(path, usages.get(i));
      }
    }
  }

  /** A domain and a path below it. */
  static void signer(String signer, Causes causes) {
    String path = "spec.signerName";
    int slash = signer.indexOf('/');
    if (signer.isEmpty()) {
      causes.required(path, "");
    } else if (signer.equals(LEGACY)) {
      causes.invalid(path, signer, "the legacy signerName is not allowed via this API version");
    } else if (slash < 0 || signer.indexOf('/', slash + 1) >= 0) {
      causes.invalid(
          path,
          signer,
          "must be a fully qualified domain and path of the form \"example.com/signer-name\"");
    } else {
      String domain = signer.substring(0, slash);
      if (domain.length() > MAX_DOMAIN || !SUBDOMAIN.matcher(domain).matches()) {
        causes.invalid(
            path,
            domain,
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters,"
                + " '-' or '.', and must start and end with an alphanumeric character (e.g."
                + " 'example.com', regex used for validation is"
                + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
      } else if (domain.indexOf('.') < 0) {
        causes.invalid(
            path, domain, "should be a domain with at least two segments separated by dots");
      }
      String name = signer.substring(slash + 1);
      if (!SUBDOMAIN.matcher(name).matches()) {
        causes.invalid(
            path,
            signer,
            "must be a fully qualified domain and path of the form \"example.com/signer-name\"");
      }
      if (signer.length() > MAX_SIGNER) {
        causes.add(
            new Cause(
                "FieldValueTooLong",
                path,
                "Too long: may not be more than " + MAX_SIGNER + " bytes"));
      }
    }
  }

  private static void conditions(List<Obj> conditions, Causes causes) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < conditions.size(); i++) {
      String path = CONDITIONS + "[" + i + "]";
      String type = conditions.get(i).string("type");
      if (type.isEmpty()) {
        causes.required(path + ".type", "");
      }
      List<String> good =
          LASTING.contains(type) ? List.of("True") : List.of("True", "False", "Unknown");
      Checks.oneOf(conditions.get(i), "status", path, good, causes);
      boolean contradicts =
          type.equals("Approved") && seen.contains("Denied")
              || type.equals("Denied") && seen.contains("Approved");
      if (contradicts) {
        causes.invalid(
            path + ".type", type, "Approved and Denied conditions are mutually exclusive");
      }
      if (!seen.add(type)) {
        causes.duplicate(path + ".type", type);
      }
    }
  }

  static void keepsConditions(Obj updated, Obj existing, Causes causes) {
    for (String type : LASTING) {
      if (has(existing, type) && !has(updated, type)) {
        causes.forbidden(CONDITIONS, "updates may not remove a condition of type \"" + type + "\"");
      }
    }
  }

  /** Decisions come by the subresource {@code approval} alone. */
  static void addsNoDecision(Obj updated, Obj existing, Causes causes) {
    for (String type : DECISIONS) {
      if (has(updated, type) && !has(existing, type)) {
        causes.forbidden(CONDITIONS, "updates may not add a condition of type \"" + type + "\"");
      }
    }
  }

  static void keepsCertificate(Obj updated, Obj existing, Causes causes) {
    String old = existing.obj("status").string("certificate");
    if (!old.isEmpty() && !old.equals(updated.obj("status").string("certificate"))) {
      causes.forbidden("status.certificate", "updates may not modify existing certificate content");
    }
  }

  private static boolean has(Obj csr, String type) {
    return csr.obj("status").objs("conditions").stream()
        .anyMatch(each -> each.string("type").equals(type));
  }
}
