package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.CertificateText;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Certificates that pods may trust, for all namespaces. */
final class ClusterTrustBundleKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of(
              "certificates.k8s.io", "v1beta1", "ClusterTrustBundle", "clustertrustbundles")
          .clusterScoped()
          .columns(
              Column.NAME,
              Column.text("SignerName", (of, _) -> signer(of).isEmpty() ? Cells.NONE : signer(of)))
          .field("spec.signerName")
          .strategy(
              Rules.NONE
                  .withNameRule(NameRule.PATH_SEGMENT)
                  .withCheck(ClusterTrustBundleKind::check)
                  .withFixed("spec.signerName")
                  .withUpdating(Updating.UNCOUNTED_BY_VERSION))
          .build();

  private static final int MAX_BYTES = 1 << 20;
  private static final String BUNDLE = "spec.trustBundle";

  /** A block of PEM (RFC 7468): its label, and what is between its lines. */
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([^-]*)-----\\s*\\n([^-]*)-----END \\1-----");

  private ClusterTrustBundleKind() {}

  private static String signer(Obj bundle) {
    return bundle.obj("spec").string("signerName");
  }

  private static void check(Obj bundle, Causes causes) {
    name(bundle.obj("metadata").string("name"), signer(bundle), causes);
    if (!signer(bundle).isEmpty()) {
      CertificateRequestChecks.signer(signer(bundle), causes);
    }
    String text = bundle.obj("spec").string("trustBundle");
    if (text.length() > MAX_BYTES) {
      causes.add(
          new Cause(
              "FieldValueTooLong",
              BUNDLE,
              "Too long: may not be more than " + MAX_BYTES + " bytes"));
    } else {
      certificates(text, causes);
    }
  }

  /** One that is of a signer bears its name (Kubernetes API, ClusterTrustBundle). */
  private static void name(String name, String signer, Causes causes) {
    String rest = name;
    if (signer.isEmpty()) {
      if (name.contains(":")) {
        causes.invalid(
            "metadata.name",
            name,
            "ClusterTrustBundle without signer name must not have \":\" in its name");
        return;
      }
    } else {
      String prefix = signer.replace('/', ':') + ":";
      if (!name.startsWith(prefix)) {
        causes.invalid(
            "metadata.name",
            name,
            "ClusterTrustBundle for signerName %s must be named with prefix %s"
                .formatted(signer, prefix));
        return;
      }
      rest = name.substring(prefix.length());
    }
    Checks.name(NameRule.DNS_SUBDOMAIN, rest, "metadata.name", causes);
  }

  /** Anchors that come twice, or none, are told of where every block is an anchor. */
  private static void certificates(String text, Causes causes) {
    Map<String, List<Integer>> anchors = new LinkedHashMap<>();
    List<String> wrong = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text);
    for (int i = 0; blocks.find(); i++) {
      String body = blocks.group(2);
      if (!blocks.group(1).equals("CERTIFICATE")) {
        wrong.add("entry %d has bad block type: %s".formatted(i, blocks.group(1)));
      } else if (body.contains(":")) {
        wrong.add("entry " + i + " has PEM block headers");
      } else if (!isCertificate(blocks.group())) {
        wrong.add("entry " + i + " does not parse as X.509");
      } else {
        anchors.computeIfAbsent(body.replaceAll("\\s", ""), _ -> new ArrayList<>()).add(i);
      }
    }
    if (wrong.isEmpty() && anchors.isEmpty()) {
      wrong.add("at least one trust anchor must be provided");
    } else if (wrong.isEmpty()) {
      wrong.addAll(duplicates(anchors.values()));
    }
    wrong.forEach(each -> causes.invalid(BUNDLE, "<value omitted>", each));
  }

  private static List<String> duplicates(Collection<List<Integer>> anchors) {
    List<String> complaints = new ArrayList<>();
    for (List<Integer> places : anchors) {
      if (places.size() > 1) {
        complaints.add(
            "duplicate trust anchor (indices ["
                + places.stream().map(String::valueOf).collect(Collectors.joining(" "))
                + "])");
      }
    }
    return complaints;
  }

  private static boolean isCertificate(String pem) {
    try {
      return !CertificateText.parse(pem).certificates().isEmpty();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
