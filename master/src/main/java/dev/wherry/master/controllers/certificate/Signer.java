package dev.wherry.master.controllers.certificate;

import dev.wherry.master.controllers.certificate.CertificateIssuer.Usage;
import dev.wherry.master.controllers.certificate.CertificateIssuer.Wish;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The signers that are the cluster's own, and what each of them signs (Kubernetes: Certificate
 * Signing Requests, Kubernetes signers). Pure.
 */
enum Signer {
  /** Certificates of users. Nobody gets to be of the administrators' group. */
  CLIENT("kubernetes.io/kube-apiserver-client", Usage.CLIENT_AUTH) {
    @Override
    Optional<String> complaint(Wish wish) {
      return wish.organizations().contains("system:masters")
          ? Optional.of("use of " + text() + " signer with system:masters group is not allowed")
          : Optional.empty();
    }
  },

  /** Certificates by which nodes come to the API. */
  KUBELET_CLIENT("kubernetes.io/kube-apiserver-client-kubelet", Usage.CLIENT_AUTH) {
    @Override
    Optional<String> complaint(Wish wish) {
      return node(wish)
          .or(() -> none(wish.dnsNames(), "DNS"))
          .or(() -> none(wish.addresses(), "IP"))
          .or(() -> none(wish.emails(), "Email"))
          .or(() -> none(wish.uris(), "URI"));
    }
  },

  /** Certificates by which nodes are served. */
  KUBELET_SERVING("kubernetes.io/kubelet-serving", Usage.SERVER_AUTH) {
    @Override
    Optional<String> complaint(Wish wish) {
      return node(wish)
          .or(
              () ->
                  wish.dnsNames().isEmpty() && wish.addresses().isEmpty()
                      ? Optional.of("DNS or IP subjectAltName is required")
                      : Optional.empty())
          .or(() -> none(wish.emails(), "Email"))
          .or(() -> none(wish.uris(), "URI"));
    }
  };

  private final String text;
  private final Usage purpose;

  Signer(String text, Usage purpose) {
    this.text = text;
    this.purpose = purpose;
  }

  /** Empty where the signer is somebody else's. */
  static Optional<Signer> named(String name) {
    return Arrays.stream(values()).filter(each -> each.text.equals(name)).findFirst();
  }

  String text() {
    return text;
  }

  /** Why it does not sign for these names; empty: it does. */
  abstract Optional<String> complaint(Wish wish);

  /** The usages by these words; empty where the signer does not sign for them. */
  Optional<Set<Usage>> usages(List<String> words) {
    EnumSet<Usage> usages = EnumSet.noneOf(Usage.class);
    for (String word : words) {
      Optional<Usage> usage =
          Arrays.stream(Usage.values()).filter(each -> each.word().equals(word)).findFirst();
      if (usage.isEmpty()) {
        return Optional.empty();
      }
      usages.add(usage.get());
    }
    Usage other = purpose == Usage.CLIENT_AUTH ? Usage.SERVER_AUTH : Usage.CLIENT_AUTH;
    boolean signs = this == CLIENT || usages.contains(Usage.DIGITAL_SIGNATURE);
    return signs && usages.contains(purpose) && !usages.contains(other)
        ? Optional.of(usages)
        : Optional.empty();
  }

  private static Optional<String> node(Wish wish) {
    if (!wish.organizations().equals(List.of("system:nodes"))) {
      return Optional.of("subject organization is not system:nodes");
    }
    String name = wish.commonName();
    return name.startsWith("system:node:") && name.length() > "system:node:".length()
        ? Optional.empty()
        : Optional.of("subject common name does not begin with system:node:");
  }

  private static Optional<String> none(List<String> names, String kind) {
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(kind + " subjectAltNames are not allowed");
  }
}
