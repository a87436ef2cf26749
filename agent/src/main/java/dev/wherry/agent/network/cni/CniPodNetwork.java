package dev.wherry.agent.network.cni;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.network.NodeIp;
import dev.wherry.agent.network.NodePodNetwork;
import dev.wherry.agent.network.PodNamespaces;
import dev.wherry.agent.network.PodSandboxes;
import dev.wherry.agent.network.SandboxFiles;
import dev.wherry.agent.network.cni.CniPlugins.Attachment;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pods connected by others' plugins. Namespaces are made here; interfaces, addresses and ways
 * between nodes are the plugins'. What they were told and what came of it is kept beside the
 * namespaces, so that a pod is disconnected as it was connected, whatever the configuration is by
 * then. Thread-safe: one pod's calls wait for each other, different pods' do not.
 */
public final class CniPodNetwork implements NodePodNetwork {
  private static final Logger LOG = LoggerFactory.getLogger(CniPodNetwork.class);

  /** What CRI runtimes say while no configuration is there. */
  private static final String NO_CONFIGURATION =
      "network plugin is not ready: cni config uninitialized: no configuration in ";

  private static final List<IpChange> INSIDE = List.of(new IpChange.SetUp("lo"));

  private final PodSandboxes sandboxes;
  private final SandboxFiles files;
  private final IpLayer ip;
  private final CniAttachments attachments;
  private final CniNode node;
  private final CniDirectory directory;
  private final CniPlugins plugins;
  private final DesiredState desired;
  private final Set<PodUid> checked = ConcurrentHashMap.newKeySet();

  private CniPodNetwork(
      PodSandboxes sandboxes,
      IpLayer ip,
      CniDirectory directory,
      CniPlugins plugins,
      DesiredState desired,
      Supplier<Ip> own) {
    this.sandboxes = sandboxes;
    this.files = sandboxes.files();
    this.attachments = new CniAttachments(files);
    this.ip = ip;
    this.node = new CniNode(files, ip, desired, own);
    this.directory = directory;
    this.plugins = plugins;
    this.desired = desired;
  }

  /**
   * Takes over what is in the directory of sandboxes, which is made where it is missing.
   *
   * @param sandboxes this cluster's alone; holds mounts until they are purged
   * @param ip of the network namespace that pods are connected to
   * @param own the node's address
   */
  public static CniPodNetwork open(
      Path sandboxes,
      PodNamespaces namespaces,
      IpLayer ip,
      CniDirectory directory,
      CniPlugins plugins,
      DesiredState desired,
      Supplier<Ip> own)
      throws IOException, InterruptedException {
    CniPodNetwork network =
        new CniPodNetwork(
            PodSandboxes.open(sandboxes, namespaces, ip.namespaces()),
            ip,
            directory,
            plugins,
            desired,
            own);
    network.collectGarbage();
    return network;
  }

  /** What keeps the plugins from connecting a pod now; empty: nothing. */
  @Override
  public Optional<String> obstacle() throws InterruptedException {
    try {
      Optional<CniConfig> config = directory.read();
      return config.isEmpty()
          ? Optional.of("cni plugin not initialized")
          : new CniNetworkState(config.get(), plugins).obstacle();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Has the plugins let go of pods that went while no agent ran. */
  private void collectGarbage() throws InterruptedException {
    try {
      Optional<CniConfig> config = directory.read();
      if (config.isPresent()) {
        new CniNetworkState(config.get(), plugins)
            .collectGarbage(attachments.of(config.get().name()));
      }
    } catch (IOException e) {
      LOG.warn("the plugins did not clean up: {}", e.getMessage());
    }
  }

  /** Whether the plugins map ports of the node themselves, as the configuration is now. */
  public boolean mapsHostPorts() {
    try {
      return directory.read().filter(config -> config.hasCapability("portMappings")).isPresent();
    } catch (IOException e) {
      LOG.warn("the CNI configuration cannot be read: {}", e.getMessage());
      return false;
    }
  }

  @Override
  public void whenMoved(Consumer<PodUid> listener) {
    sandboxes.whenMoved(listener);
  }

  @Override
  public void follow(DesiredState state) {
    node.follow(state);
  }

  @Override
  public void assertNode() throws IOException, InterruptedException {
    node.assertHere();
  }

  @Override
  public Sandbox create(PodUid pod, String hostname) throws IOException, InterruptedException {
    return sandboxes.alone(
        pod,
        () -> {
          Optional<Sandbox> whole = whole(pod);
          return whole.isPresent() ? whole.get() : createAnew(pod, hostname);
        });
  }

  private Sandbox createAnew(PodUid pod, String hostname) throws IOException, InterruptedException {
    CniConfig config =
        directory.read().orElseThrow(() -> new IOException(NO_CONFIGURATION + directory.path()));
    attachments.disconnectAnyhow(pod);
    sandboxes.release(pod);
    Ip address = connect(pod, hostname, config);
    sandboxes.address(pod, address);
    sandboxes.tellMoved(pod);
    return sandboxes.sandbox(pod, address);
  }

  private Ip connect(PodUid pod, String hostname, CniConfig config)
      throws IOException, InterruptedException {
    sandboxes.make(pod, hostname, INSIDE);
    Optional<PodView> view = view(pod);
    Obj arguments = view.map(each -> PodArguments.of(each, range())).orElse(Obj.EMPTY);
    Attachment attachment =
        new Attachment(pod.text(), files.network(pod), view.map(CniPodNetwork::names).orElse(""));
    CniAttachment connected = new CniAttachment(config, plugins, attachment, arguments, Obj.EMPTY);
    // First: what a plugin has begun is taken back after a crash as well.
    attachments.keep(pod, connected);
    try {
      Obj result = connected.add();
      attachments.keep(pod, connected.with(result));
      Ip address =
          CniResult.address(result)
              .orElseThrow(() -> new IOException("the plugins gave no IPv4 address: " + result));
      files.rememberAddress(pod, address);
      return address;
    } catch (IOException e) {
      attachments.disconnectAnyhow(pod);
      throw e;
    }
  }

  private Optional<PodView> view(PodUid pod) {
    return desired.all(DesiredState.Resource.PODS).stream()
        .map(PodView::new)
        .filter(each -> each.uid().equals(pod))
        .findFirst();
  }

  private Optional<Cidr> range() {
    String range = desired.networks().of(IpFamily.IPV4).podCidr();
    return range.isEmpty() ? Optional.empty() : Optional.of(Cidr.parse(range));
  }

  private static String names(PodView pod) {
    return "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%3$s;K8S_POD_UID=%3$s"
        .formatted(pod.key().namespace(), pod.key().name(), pod.uid().text());
  }

  @Override
  public Optional<Sandbox> find(PodUid pod) throws IOException, InterruptedException {
    return sandboxes.alone(pod, () -> whole(pod));
  }

  /** The plugins are asked once in an agent's life: each time is a process for each plugin. */
  private Optional<Sandbox> whole(PodUid pod) throws IOException, InterruptedException {
    Optional<Ip> address = sandboxes.address(pod);
    if (address.isEmpty() || !sandboxes.areHeld(pod)) {
      return Optional.empty();
    }
    Optional<CniAttachment> attachment = attachments.find(pod);
    if (attachment.isEmpty() || attachment.get().result().isEmpty()) {
      return Optional.empty();
    }
    if (checked.add(pod)) {
      try {
        attachment.get().check();
      } catch (CniPlugins.FailedException e) {
        // Plugins are known to miss what they never made: a pod is given up only for what is seen.
        boolean there = hasAddress(pod, address.get());
        LOG.warn(
            "{}: {}",
            (there ? "pod may lack something, " : "pod is connected anew, ") + pod,
            e.getMessage());
        if (!there) {
          checked.remove(pod);
          return Optional.empty();
        }
      }
    }
    return Optional.of(sandboxes.sandbox(pod, address.get()));
  }

  private boolean hasAddress(PodUid pod, Ip address) throws IOException, InterruptedException {
    return Command.of("nsenter", "--net=" + files.network(pod), "--", "ip", "-4", "-o", "addr")
        .run()
        .contains(" " + address.text() + "/");
  }

  @Override
  public void remove(PodUid pod) throws IOException, InterruptedException {
    sandboxes.alone(
        pod,
        () -> {
          if (sandboxes.address(pod).isPresent()) {
            attachments.disconnect(pod);
          } else {
            attachments.disconnectAnyhow(pod);
          }
          sandboxes.release(pod);
          sandboxes.forget(pod);
          checked.remove(pod);
          sandboxes.tellMoved(pod);
          return pod;
        });
  }

  @Override
  public Set<PodUid> pods() throws IOException {
    return sandboxes.pods();
  }

  @Override
  public Map<PodUid, Ip> addresses() {
    return sandboxes.addresses();
  }

  /** Disconnects all pods and removes their namespaces and the directory. */
  @Override
  public void purge() throws IOException, InterruptedException {
    for (PodUid pod : pods()) {
      remove(pod);
    }
    CniNode.release(files, ip);
    NodeIp.forwardAsBefore(files);
    sandboxes.delete();
  }

  /** Disconnects the pods of a directory of sandboxes, if plugins connected them. */
  public static void disconnectAll(Path sandboxes, IpLayer ip)
      throws IOException, InterruptedException {
    SandboxFiles files = new SandboxFiles(sandboxes.toRealPath());
    CniAttachments attachments = new CniAttachments(files);
    for (PodUid pod : files.pods()) {
      attachments.disconnect(pod);
    }
    CniNode.release(files, ip);
  }
}
