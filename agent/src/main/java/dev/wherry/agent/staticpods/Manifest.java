package dev.wherry.agent.staticpods;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads a file of the folder as the pod that it stands for. Pure. */
final class Manifest {
  static final int MAX_BYTES = 1 << 20;
  private static final int MAX_ALIASES = 50;
  private static final int UID_BYTES = 16;
  private static final List<String> CONTAINERS =
      List.of("containers", "initContainers", "ephemeralContainers");
  private static final Set<String> REFERRING_VOLUMES =
      Set.of("secret", "configMap", "persistentVolumeClaim", "ephemeral");

  private Manifest() {}

  /**
   * The pod as kubelet would make it of the file: named for its node, with a uid of the file's name
   * and content, tolerating every NoExecute taint.
   *
   * @throws MalformedTreeException with words for a user when the file is no pod that a node can
   *     run by itself
   */
  static Obj read(Path file, byte[] content, NodeName node) {
    Obj manifest = parse(content);
    if (!manifest.string("kind").equals("Pod") || !manifest.string("apiVersion").equals("v1")) {
      throw new MalformedTreeException(
          "expected a v1 Pod, not \""
              + manifest.string("apiVersion")
              + "\" \""
              + manifest.string("kind")
              + "\"");
    }
    Obj metadata = manifest.obj("metadata");
    if (metadata.string("name").isEmpty() || manifest.obj("spec").list("containers").isEmpty()) {
      throw new MalformedTreeException("a pod needs metadata.name and spec.containers");
    }
    String name = metadata.string("name") + "-" + node.text();
    checkReferences(name, manifest.obj("spec"));
    String uid = uid(file, content, node);
    Obj annotations =
        metadata
            .obj("annotations")
            .with("kubernetes.io/config.hash", uid)
            .with("kubernetes.io/config.source", "file");
    metadata =
        metadata
            .with("name", name)
            .with("namespace", metadata.string("namespace", "default"))
            .with("uid", uid)
            .with("annotations", annotations);
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "Pod",
        "metadata",
        metadata,
        "spec",
        spec(manifest.obj("spec"), node),
        "status",
        Obj.of("phase", "Pending"));
  }

  private static Obj spec(Obj spec, NodeName node) {
    List<Object> tolerations = new ArrayList<>(spec.list("tolerations"));
    Obj always = Obj.of("operator", "Exists", "effect", "NoExecute");
    if (!tolerations.contains(always)) {
      tolerations.add(always);
    }
    return spec.with("nodeName", node.text()).with("tolerations", tolerations);
  }

  private static Obj parse(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    if (text.stripLeading().startsWith("{")) {
      return Json.read(text);
    }
    LoadSettings settings =
        LoadSettings.builder()
            .setMaxAliasesForCollections(MAX_ALIASES)
            .setAllowRecursiveKeys(false)
            .setCodePointLimit(MAX_BYTES)
            .build();
    try {
      if (Obj.valueOf(new Load(settings).loadFromString(text)) instanceof Obj object) {
        return object;
      }
    } catch (YamlEngineException | IllegalArgumentException | ClassCastException e) {
      throw new MalformedTreeException("the YAML cannot be read: " + e.getMessage());
    } catch (StackOverflowError _) {
      throw new MalformedTreeException("the YAML is nested too deeply");
    }
    throw new MalformedTreeException("the YAML value is no object");
  }

  /** A node that has no master in reach has no other objects than its files. */
  private static void checkReferences(String name, Obj spec) {
    for (Obj volume : spec.objs("volumes")) {
      for (String source : REFERRING_VOLUMES) {
        if (volume.has(source)) {
          throw refused(name, source.equals("secret") ? "secrets" : source + "s");
        }
      }
    }
    for (String list : CONTAINERS) {
      for (Obj container : spec.objs(list)) {
        for (Obj from : container.objs("envFrom")) {
          throw refused(name, from.has("secretRef") ? "secrets" : "configmaps");
        }
        for (Obj variable : container.objs("env")) {
          Obj source = variable.obj("valueFrom");
          if (source.has("secretKeyRef") || source.has("configMapKeyRef")) {
            throw refused(name, source.has("secretKeyRef") ? "secrets" : "configmaps");
          }
        }
      }
    }
    if (!spec.string("serviceAccountName").isEmpty()) {
      throw refused(name, "serviceaccounts");
    }
    if (!new PodView(Obj.of("spec", spec)).imagePullSecrets().isEmpty()) {
      throw refused(name, "secrets");
    }
  }

  private static MalformedTreeException refused(String name, String resource) {
    return new MalformedTreeException(
        "cannot create pod \"" + name + "\": static pods may not reference " + resource);
  }

  private static String uid(Path file, byte[] content, NodeName node) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((node.text() + '\n' + file + '\n').getBytes(StandardCharsets.UTF_8));
      digest.update(content);
      return HexFormat.of().formatHex(digest.digest(), 0, UID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
