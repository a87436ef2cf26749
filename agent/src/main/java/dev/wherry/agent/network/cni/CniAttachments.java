package dev.wherry.agent.network.cni;

import dev.wherry.agent.network.SandboxFiles;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What plugins were told about each pod and what came of it, in a file beside the pod's namespaces:
 * a pod is disconnected as it was connected, whatever the configuration is by then. One pod's calls
 * are the caller's to order.
 */
record CniAttachments(SandboxFiles files) {
  private static final Logger LOG = LoggerFactory.getLogger(CniAttachments.class);

  /** Empty: never connected, or torn by a power cut. */
  Optional<CniAttachment> find(PodUid pod) throws IOException {
    try {
      return Optional.of(CniAttachment.read(files.read(pod, CniAttachment.FILE)));
    } catch (NoSuchFileException | IllegalArgumentException | MalformedTreeException _) {
      return Optional.empty();
    }
  }

  /** Those of the network of this name. */
  List<CniAttachment> of(String network) throws IOException {
    List<CniAttachment> found = new ArrayList<>();
    for (PodUid pod : files.pods()) {
      find(pod).filter(each -> each.config().name().equals(network)).ifPresent(found::add);
    }
    return found;
  }

  void keep(PodUid pod, CniAttachment attachment) throws IOException {
    files.write(pod, CniAttachment.FILE, Json.write(attachment.toTree()));
  }

  void disconnect(PodUid pod) throws IOException, InterruptedException {
    Optional<CniAttachment> attachment = find(pod);
    if (attachment.isPresent()) {
      attachment.get().delete();
    }
    files.remove(pod, CniAttachment.FILE);
  }

  /**
   * For a pod that is to be connected, again or never: what cannot be undone must not be in the
   * way.
   */
  void disconnectAnyhow(PodUid pod) throws IOException, InterruptedException {
    try {
      disconnect(pod);
    } catch (CniPlugins.FailedException e) {
      LOG.warn("what was left of pod {} may remain: {}", pod, e.getMessage());
      files.remove(pod, CniAttachment.FILE);
    }
  }
}
