package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Secrets. */
final class SecretKind implements Strategy {
  private static final Map<String, List<String>> NEEDED_KEYS =
      Map.of(
          "kubernetes.io/tls", List.of("tls.crt", "tls.key"),
          "kubernetes.io/dockerconfigjson", List.of(".dockerconfigjson"),
          "kubernetes.io/dockercfg", List.of(".dockercfg"));

  private static final String ACCOUNT = "kubernetes.io/service-account.name";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Secret", "secrets")
          .columns(
              Column.NAME,
              Column.text("Type", (secret, _) -> secret.string("type")),
              Column.number("Data", (secret, _) -> (long) secret.obj("data").size()),
              Column.AGE)
          .field("type")
          .strategy(new SecretKind())
          .build();

  private SecretKind() {}

  /** {@code stringData} is only for writing: it goes into {@code data}. */
  @Override
  public Obj defaults(Obj secret) {
    Obj filled = Defaults.putText(secret, "type", "Opaque");
    if (!filled.has("stringData")) {
      return filled;
    }
    Obj data = filled.obj("data");
    for (Map.Entry<String, String> entry : filled.stringMap("stringData").entrySet()) {
      byte[] bytes = entry.getValue().getBytes(StandardCharsets.UTF_8);
      data = data.with(entry.getKey(), Base64.getEncoder().encodeToString(bytes));
    }
    return filled.without("stringData").with("data", data);
  }

  @Override
  public void check(Obj secret, Causes causes) {
    KeyedBytes.check(secret, "data", causes);
    KeyedBytes.checkBase64(secret.obj("data"), "data", causes);
    KeyedBytes.checkSize(KeyedBytes.bytesOfBase64(secret.obj("data")), "data", causes);
    for (String key : NEEDED_KEYS.getOrDefault(secret.string("type"), List.of())) {
      if (!secret.obj("data").has(key)) {
        causes.required("data[" + key + "]", "");
      }
    }
    switch (secret.string("type")) {
      case "kubernetes.io/service-account-token" -> {
        if (secret.at("metadata", "annotations").string(ACCOUNT).isEmpty()) {
          causes.required("metadata.annotations[" + ACCOUNT + "]", "");
        }
      }
      case "kubernetes.io/basic-auth" -> {
        if (!secret.obj("data").has("username") && !secret.obj("data").has("password")) {
          causes.required("data[username]", "");
          causes.required("data[password]", "");
        }
      }
      case "kubernetes.io/ssh-auth" -> {
        if (secret.obj("data").string("ssh-privatekey").isEmpty()) {
          causes.required("data[ssh-privatekey]", "");
        }
      }
      case "kubernetes.io/dockerconfigjson" -> checkJson(secret, ".dockerconfigjson", causes);
      case "kubernetes.io/dockercfg" -> checkJson(secret, ".dockercfg", causes);
      default -> {}
    }
  }

  private static void checkJson(Obj secret, String key, Causes causes) {
    if (!secret.obj("data").has(key)) {
      return;
    }
    try {
      Json.read(Base64.getDecoder().decode(secret.obj("data").string(key)), _ -> {});
    } catch (IllegalArgumentException | MalformedTreeException _) {
      causes.invalid(
          "data[" + key + "]", "<secret contents redacted>", "must be a JSON object in base64");
    }
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Checks.immutable(updated, existing, "type", "type", causes);
    KeyedBytes.checkImmutable(updated, existing, causes);
  }
}
