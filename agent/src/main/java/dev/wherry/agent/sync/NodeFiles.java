package dev.wherry.agent.sync;

import dev.wherry.api.view.PodView;
import java.util.List;

/** Renders a pod's hosts file as kubelet does. Pure. */
final class NodeFiles {
  private NodeFiles() {}

  /**
   * @param podIps all addresses of the pod
   * @param hostFile the node's own, for a pod in its network
   */
  static String hosts(PodView pod, HostName host, List<String> podIps, String hostFile) {
    StringBuilder text = new StringBuilder(256);
    if (pod.hostNetwork()) {
      text.append("# Kubernetes-managed hosts file (host network).\n").append(hostFile);
    } else {
      text.append(
          """
          # Kubernetes-managed hosts file.
          127.0.0.1\tlocalhost
          ::1\tlocalhost ip6-localhost ip6-loopback
          fe00::0\tip6-localnet
          fe00::0\tip6-mcastprefix
          fe00::1\tip6-allnodes
          fe00::2\tip6-allrouters
          """);
      for (String each : podIps) {
        text.append(each).append('\t');
        if (!host.domain().isEmpty()) {
          text.append(host.name()).append('.').append(host.domain()).append('\t');
        }
        text.append(host.name()).append('\n');
      }
    }
    if (!pod.hostAliases().isEmpty()) {
      text.append("\n# Entries added by HostAliases.\n");
      pod.hostAliases()
          .forEach(
              alias ->
                  text.append(alias.ip())
                      .append('\t')
                      .append(String.join("\t", alias.hostnames()))
                      .append('\n'));
    }
    return text.toString();
  }
}
