package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A pod, typed. */
public record PodView(Obj tree) implements ObjectView {
  public static final String READY = "Ready";
  public static final String POD_SCHEDULED = "PodScheduled";

  public PodUid uid() {
    return new PodUid(meta().uid());
  }

  public List<ContainerView> containers() {
    return Fields.views(spec(), "containers", ContainerView::new);
  }

  public List<ContainerView> initContainers() {
    return Fields.views(spec(), "initContainers", ContainerView::new);
  }

  public List<ContainerView> ephemeralContainers() {
    return Fields.views(spec(), "ephemeralContainers", ContainerView::new);
  }

  public List<Volume> volumes() {
    return Fields.views(spec(), "volumes", Volume::new);
  }

  /** Empty until the pod is bound. */
  public String nodeName() {
    return spec().string("nodeName");
  }

  public Map<String, String> nodeSelector() {
    return spec().stringMap("nodeSelector");
  }

  public Obj affinity() {
    return spec().obj("affinity");
  }

  public List<Toleration> tolerations() {
    return Fields.views(spec(), "tolerations", Toleration::new);
  }

  public String schedulerName() {
    return spec().string("schedulerName", "default-scheduler");
  }

  public long priority() {
    return spec().number("priority", 0);
  }

  /** Empty: of no class, or of the one that the priority was taken from long ago. */
  public String priorityClassName() {
    return spec().string("priorityClassName");
  }

  /** {@code Always}, {@code OnFailure} or {@code Never}. */
  public String restartPolicy() {
    return spec().string("restartPolicy", "Always");
  }

  public long terminationGracePeriodSeconds() {
    return spec().number("terminationGracePeriodSeconds", 30);
  }

  public OptionalLong activeDeadlineSeconds() {
    return Fields.number(spec(), "activeDeadlineSeconds");
  }

  public boolean hostNetwork() {
    return spec().flag("hostNetwork");
  }

  public boolean hostPid() {
    return spec().flag("hostPID");
  }

  public boolean hostIpc() {
    return spec().flag("hostIPC");
  }

  public boolean hostUsers() {
    return spec().flag("hostUsers", true);
  }

  public boolean shareProcessNamespace() {
    return spec().flag("shareProcessNamespace");
  }

  public boolean enableServiceLinks() {
    return spec().flag("enableServiceLinks", true);
  }

  public String serviceAccountName() {
    return spec().string("serviceAccountName", "default");
  }

  public String runtimeClassName() {
    return spec().string("runtimeClassName");
  }

  /** What its processes see, in place of what other fields make; empty: those decide. */
  public String hostnameOverride() {
    return spec().string("hostnameOverride");
  }

  /** Empty: the pod's name. */
  public String hostname() {
    return spec().string("hostname");
  }

  public String subdomain() {
    return spec().string("subdomain");
  }

  public boolean setHostnameAsFqdn() {
    return spec().flag("setHostnameAsFQDN");
  }

  public List<HostAlias> hostAliases() {
    return Fields.views(
        spec(),
        "hostAliases",
        alias -> new HostAlias(alias.string("ip"), alias.strings("hostnames")));
  }

  /** One line of the pod's hosts file. */
  public record HostAlias(String ip, List<String> hostnames) {}

  /** {@code ClusterFirst}, {@code ClusterFirstWithHostNet}, {@code Default} or {@code None}. */
  public String dnsPolicy() {
    return spec().string("dnsPolicy", "ClusterFirst");
  }

  public DnsConfig dnsConfig() {
    Obj config = spec().obj("dnsConfig");
    List<String> options = new ArrayList<>();
    for (Obj option : config.objs("options")) {
      String value = option.string("value");
      options.add(option.string("name") + (value.isEmpty() ? "" : ":" + value));
    }
    return new DnsConfig(config.strings("nameservers"), config.strings("searches"), options);
  }

  /** What the pod adds to its resolv.conf; options as they stand there, {@code ndots:5}. */
  public record DnsConfig(List<String> nameservers, List<String> searches, List<String> options) {
    public DnsConfig {
      options = List.copyOf(options);
    }
  }

  public List<String> imagePullSecrets() {
    return Fields.views(spec(), "imagePullSecrets", secret -> secret.string("name"));
  }

  public SecurityContext securityContext() {
    return new SecurityContext(spec().obj("securityContext"));
  }

  /** What the pod asks for as a whole; empty where its containers alone ask. */
  public ResourceList requests() {
    return new ResourceList(spec().obj("resources").obj("requests"));
  }

  /** What the pod may have as a whole. */
  public ResourceList limits() {
    return new ResourceList(spec().obj("resources").obj("limits"));
  }

  /** What the runtime adds to the containers' requests. */
  public ResourceList overhead() {
    return new ResourceList(spec().obj("overhead"));
  }

  public List<String> schedulingGates() {
    return Fields.views(spec(), "schedulingGates", gate -> gate.string("name"));
  }

  public List<String> readinessGates() {
    return Fields.views(spec(), "readinessGates", gate -> gate.string("conditionType"));
  }

  /** {@code Pending}, {@code Running}, {@code Succeeded}, {@code Failed} or {@code Unknown}. */
  public String phase() {
    return status().string("phase", "Pending");
  }

  /** Succeeded or Failed: its containers never run again. */
  public boolean isFinished() {
    String phase = phase();
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  public boolean isTerminating() {
    return meta().isTerminating();
  }

  public boolean isReady() {
    return Condition.isTrue(tree, READY);
  }

  /** Whether it has been ready for at least this long. */
  public boolean isAvailable(long minReadySeconds, Instant now) {
    Optional<Condition> ready = Condition.find(tree, READY).filter(Condition::isTrue);
    return ready.isPresent()
        && (minReadySeconds == 0
            || ready
                .flatMap(Condition::lastTransitionTime)
                .filter(since -> !since.plusSeconds(minReadySeconds).isAfter(now))
                .isPresent());
  }

  public Optional<Condition> condition(String type) {
    return Condition.find(tree, type);
  }

  public String podIp() {
    return status().string("podIP");
  }

  public List<String> podIps() {
    return Fields.views(status(), "podIPs", ip -> ip.string("ip"));
  }

  public String hostIp() {
    return status().string("hostIP");
  }

  public Optional<Instant> startTime() {
    return Meta.Times.parse(status().string("startTime"));
  }

  public List<ContainerStatusView> containerStatuses() {
    return Fields.views(status(), "containerStatuses", ContainerStatusView::new);
  }

  public List<ContainerStatusView> initContainerStatuses() {
    return Fields.views(status(), "initContainerStatuses", ContainerStatusView::new);
  }

  public List<ContainerStatusView> ephemeralContainerStatuses() {
    return Fields.views(status(), "ephemeralContainerStatuses", ContainerStatusView::new);
  }
}
