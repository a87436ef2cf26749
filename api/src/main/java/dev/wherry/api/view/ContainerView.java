package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;

/** A container, init container or ephemeral container of a pod's spec. */
public record ContainerView(Obj tree) {
  public String name() {
    return tree.string("name");
  }

  public String image() {
    return tree.string("image");
  }

  /** {@code Always}, {@code IfNotPresent} or {@code Never}; by the image's tag where it lacks. */
  public String imagePullPolicy() {
    String policy = tree.string("imagePullPolicy");
    if (!policy.isEmpty()) {
      return policy;
    }
    String image = image();
    String last = image.substring(image.lastIndexOf('/') + 1);
    boolean latest = last.indexOf('@') < 0 && (last.indexOf(':') < 0 || last.endsWith(":latest"));
    return latest ? "Always" : "IfNotPresent";
  }

  /** Empty: the image's entry point. */
  public List<String> command() {
    return tree.strings("command");
  }

  public List<String> args() {
    return tree.strings("args");
  }

  /** Empty: the image's. */
  public String workingDir() {
    return tree.string("workingDir");
  }

  public List<EnvVar> env() {
    return Fields.views(tree, "env", EnvVar::new);
  }

  public List<EnvFrom> envFrom() {
    return Fields.views(tree, "envFrom", EnvFrom::new);
  }

  public List<ContainerPort> ports() {
    return Fields.views(tree, "ports", ContainerPort::new);
  }

  public ResourceList requests() {
    return new ResourceList(tree.obj("resources").obj("requests"));
  }

  public ResourceList limits() {
    return new ResourceList(tree.obj("resources").obj("limits"));
  }

  public List<VolumeMount> volumeMounts() {
    return Fields.views(tree, "volumeMounts", VolumeMount::new);
  }

  public List<VolumeDevice> volumeDevices() {
    return Fields.views(tree, "volumeDevices", VolumeDevice::new);
  }

  public Optional<Probe> livenessProbe() {
    return probe("livenessProbe");
  }

  public Optional<Probe> readinessProbe() {
    return probe("readinessProbe");
  }

  public Optional<Probe> startupProbe() {
    return probe("startupProbe");
  }

  private Optional<Probe> probe(String key) {
    return Fields.obj(tree, key).map(Probe::new);
  }

  public Optional<Handler> postStart() {
    return Fields.obj(tree.obj("lifecycle"), "postStart").map(Handler::of);
  }

  public Optional<Handler> preStop() {
    return Fields.obj(tree.obj("lifecycle"), "preStop").map(Handler::of);
  }

  /** Empty: the runtime's way. */
  public String stopSignal() {
    return tree.obj("lifecycle").string("stopSignal");
  }

  public SecurityContext securityContext() {
    return new SecurityContext(tree.obj("securityContext"));
  }

  /**
   * {@code Always} makes an init container a sidecar; otherwise the container's own in place of the
   * pod's, or empty.
   */
  public String restartPolicy() {
    return tree.string("restartPolicy");
  }

  public List<RestartRule> restartPolicyRules() {
    return Fields.views(tree, "restartPolicyRules", RestartRule::new);
  }

  /** Of an ephemeral container: whose processes it sees; empty: its own. */
  public String targetContainerName() {
    return tree.string("targetContainerName");
  }

  /** For a container of {@code initContainers}: whether it runs on beside the others. */
  public boolean isSidecar() {
    return restartPolicy().equals("Always");
  }

  public boolean stdin() {
    return tree.flag("stdin");
  }

  public boolean stdinOnce() {
    return tree.flag("stdinOnce");
  }

  public boolean tty() {
    return tree.flag("tty");
  }

  public String terminationMessagePath() {
    return tree.string("terminationMessagePath", "/dev/termination-log");
  }

  /** {@code File} or {@code FallbackToLogsOnError}. */
  public String terminationMessagePolicy() {
    return tree.string("terminationMessagePolicy", "File");
  }
}
