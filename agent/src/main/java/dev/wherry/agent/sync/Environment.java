package dev.wherry.agent.sync;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.Downward;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.EnvFrom;
import dev.wherry.api.view.EnvVar;
import dev.wherry.api.view.EnvVar.Source;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A container's variables: the services', then {@code envFrom}, then {@code env} with references to
 * earlier ones expanded. Pure, but for the files that it is given.
 */
record Environment(
    PodView pod,
    ConfigSource config,
    NodeFacts node,
    String podIp,
    Map<String, String> services,
    Files files) {

  /** Files that containers of the pod wrote into its volumes. */
  interface Files {
    /** The file's text; empty where it is not there. */
    Optional<String> read(String volume, String path) throws IOException;
  }

  Map<String, String> of(ContainerView container) throws ConfigException {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("HOSTNAME", HostName.of(pod, node).kernel());
    variables.putAll(services);
    for (EnvFrom each : container.envFrom()) {
      from(each, variables);
    }
    for (EnvVar each : container.env()) {
      value(container, each, variables).ifPresent(value -> variables.put(each.name(), value));
    }
    return variables;
  }

  private void from(EnvFrom from, Map<String, String> variables) throws ConfigException {
    Optional<Obj> found =
        from.isSecret() ? config.secret(from.name()) : config.configMap(from.name());
    if (found.isEmpty()) {
      if (!from.optional()) {
        throw new ConfigException(
            (from.isSecret() ? "secret" : "configmap") + " \"" + from.name() + "\" not found");
      }
      return;
    }
    for (Obj.Entry entry : found.get().obj("data")) {
      String value = entry.value().toString();
      variables.put(from.prefix() + entry.key(), from.isSecret() ? decoded(value) : value);
    }
  }

  private Optional<String> value(
      ContainerView container, EnvVar variable, Map<String, String> before) throws ConfigException {
    return switch (variable.source()) {
      case Source.Literal literal -> Optional.of(Expansion.expand(literal.value(), before));
      case Source.FieldRef field ->
          Optional.of(
              Downward.field(pod, field.fieldPath(), podIp, node)
                  .orElseThrow(
                      () -> new ConfigException("unsupported fieldPath: " + field.fieldPath())));
      case Source.ResourceFieldRef resource ->
          Optional.of(
              Downward.resource(
                  named(resource.containerName(), container),
                  resource.resource(),
                  resource.divisor(),
                  node));
      case Source.ConfigMapKey key ->
          key(config.configMap(key.name()), "configmap", key.name(), key.key(), key.optional());
      case Source.SecretKey key ->
          key(config.secret(key.name()), "secret", key.name(), key.key(), key.optional())
              .map(Environment::decoded);
      case Source.FileKey key -> ofFile(key);
    };
  }

  private Optional<String> ofFile(Source.FileKey key) throws ConfigException {
    Optional<String> value;
    try {
      Optional<String> text = files.read(key.volumeName(), key.path());
      value =
          text.isEmpty()
              ? Optional.empty()
              : Optional.ofNullable(EnvFile.parse(text.get()).get(key.key()));
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(
          "couldn't parse env file %s of volume %s: %s"
              .formatted(key.path(), key.volumeName(), e.getMessage()));
    }
    if (value.isEmpty() && !key.optional()) {
      throw new ConfigException(
          "environment variable key \"%s\" not found in file \"%s\" of volume \"%s\""
              .formatted(key.key(), key.path(), key.volumeName()));
    }
    return value;
  }

  private ContainerView named(String name, ContainerView self) {
    return pod.containers().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElse(self);
  }

  private Optional<String> key(
      Optional<Obj> object, String kind, String name, String key, boolean optional)
      throws ConfigException {
    if (object.isEmpty()) {
      if (optional) {
        return Optional.empty();
      }
      throw new ConfigException(kind + " \"" + name + "\" not found");
    }
    Optional<Object> value = object.get().obj("data").get(key);
    if (value.isEmpty() && !optional) {
      throw new ConfigException(
          "couldn't find key "
              + key
              + " in "
              + (kind.equals("secret") ? "Secret " : "ConfigMap ")
              + pod.meta().namespace()
              + "/"
              + name);
    }
    return value.map(Object::toString);
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
