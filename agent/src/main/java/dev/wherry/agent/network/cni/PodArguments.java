package dev.wherry.agent.network.cni;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What plugins are told about a pod, by capability (CNI conventions: runtimeConfig). Pure. */
final class PodArguments {
  private static final String ANNOTATION = "kubernetes.io/";

  private PodArguments() {}

  /**
   * @param range this node's part of the cluster's pod range; empty while it is not known
   */
  static Obj of(PodView pod, Optional<Cidr> range) {
    Obj.Builder arguments = Obj.builder();
    arguments.putUnlessEmpty("portMappings", portMappings(pod));
    arguments.putUnlessEmpty("bandwidth", bandwidth(pod));
    range.ifPresent(
        cidr -> arguments.put("ipRanges", List.of(List.of(Obj.of("subnet", cidr.toString())))));
    arguments.putUnlessEmpty("io.kubernetes.cri.pod-annotations", Obj.of(pod.meta().annotations()));
    return arguments.build();
  }

  private static List<Obj> portMappings(PodView pod) {
    List<Obj> mappings = new ArrayList<>();
    for (ContainerView container : pod.containers()) {
      for (ContainerPort port : container.ports()) {
        if (port.hostPort() != 0) {
          mappings.add(
              Obj.builder()
                  .put("hostPort", (long) port.hostPort())
                  .put("containerPort", (long) port.containerPort())
                  .put("protocol", port.protocol().toLowerCase(Locale.ROOT))
                  .putUnlessEmpty("hostIP", port.hostIp())
                  .build());
        }
      }
    }
    return mappings;
  }

  /** Rates in bits a second; a burst of as much as the plugin takes, as kubelet's CRI has it. */
  private static Obj bandwidth(PodView pod) {
    long in = bits(pod.meta().annotations().getOrDefault(ANNOTATION + "ingress-bandwidth", ""));
    long out = bits(pod.meta().annotations().getOrDefault(ANNOTATION + "egress-bandwidth", ""));
    Obj.Builder bandwidth = Obj.builder();
    if (in > 0) {
      bandwidth.put("ingressRate", in).put("ingressBurst", (long) Integer.MAX_VALUE);
    }
    if (out > 0) {
      bandwidth.put("egressRate", out).put("egressBurst", (long) Integer.MAX_VALUE);
    }
    return bandwidth.build();
  }

  /** A quantity such as {@code 10M}; 0 for none and for what is none. */
  private static long bits(String quantity) {
    String text = quantity.strip();
    if (text.isEmpty()) {
      return 0;
    }
    try {
      String[][] units = {
        {"Ki", "1024"}, {"Mi", "1048576"}, {"Gi", "1073741824"},
        {"k", "1000"}, {"M", "1000000"}, {"G", "1000000000"}
      };
      for (String[] unit : units) {
        if (text.endsWith(unit[0])) {
          String number = text.substring(0, text.length() - unit[0].length());
          return new BigDecimal(number).multiply(new BigDecimal(unit[1])).longValue();
        }
      }
      return new BigDecimal(text).longValue();
    } catch (NumberFormatException _) {
      return 0; // an annotation is a wish
    }
  }
}
