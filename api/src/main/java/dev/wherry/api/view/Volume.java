package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** One entry of a pod's {@code spec.volumes}. */
public record Volume(Obj tree) {

  /**
   * One file of a config map, secret or downward API volume; {@code mode} overrides the default.
   */
  public record Item(Obj tree) {
    /** The key in the config map or secret. */
    public String key() {
      return tree.string("key");
    }

    public String path() {
      return tree.string("path");
    }

    public OptionalLong mode() {
      return Fields.number(tree, "mode");
    }

    /** Downward API: the pod's field; empty where it is a resource. */
    public String fieldPath() {
      return tree.obj("fieldRef").string("fieldPath");
    }

    public Obj resourceFieldRef() {
      return tree.obj("resourceFieldRef");
    }
  }

  /** What is mounted; a source that Wherry does not know is {@link Other}. */
  public sealed interface Source {
    /**
     * {@code medium} is a v1.StorageMedium, empty for the disk; {@code sizeLimit} is a quantity,
     * empty: none.
     */
    record EmptyDir(String medium, String sizeLimit) implements Source {}

    record HostPath(String path, String type) implements Source {}

    record ConfigMap(String name, List<Item> items, int defaultMode, boolean optional)
        implements Source {}

    record Secret(String name, List<Item> items, int defaultMode, boolean optional)
        implements Source {}

    record DownwardApi(List<Item> items, int defaultMode) implements Source {}

    record Projected(List<Projection> sources, int defaultMode) implements Source {}

    record PersistentVolumeClaim(String claimName, boolean readOnly) implements Source {}

    /** A claim that is made for the pod and goes with it. */
    record Ephemeral() implements Source {}

    /** The files of an image; {@code pullPolicy} as a container's. */
    record Image(String reference, String pullPolicy) implements Source {}

    record Other(String kind) implements Source {}
  }

  /** One source of a projected volume. */
  public sealed interface Projection {
    record ConfigMap(String name, List<Item> items, boolean optional) implements Projection {}

    record Secret(String name, List<Item> items, boolean optional) implements Projection {}

    record DownwardApi(List<Item> items) implements Projection {}

    /** An empty audience is the API server's. */
    record ServiceAccountToken(String path, String audience, long expirationSeconds)
        implements Projection {}

    /**
     * Certificates to trust: of the bundle with this name, else of the signer's bundles.
     *
     * @param selects which of the signer's; none are selected where the pod says nothing
     */
    record ClusterTrustBundle(
        String name, String signerName, Predicate<Obj> selects, String path, boolean optional)
        implements Projection {}

    record Other(String kind) implements Projection {}
  }

  private static final int DEFAULT_MODE = 0644;
  private static final long DEFAULT_EXPIRATION_SECONDS = 3600;

  public String name() {
    return tree.string("name");
  }

  public Source source() {
    for (Obj.Entry entry : tree) {
      if (!entry.key().equals("name") && entry.value() instanceof Obj source) {
        return source(entry.key(), source);
      }
    }
    return new Source.EmptyDir("", "");
  }

  private static Source source(String kind, Obj source) {
    return switch (kind) {
      case "emptyDir" ->
          new Source.EmptyDir(
              source.string("medium"), source.get("sizeLimit").orElse("").toString());
      case "hostPath" -> new Source.HostPath(source.string("path"), source.string("type"));
      case "configMap" ->
          new Source.ConfigMap(
              source.string("name"), items(source), mode(source), source.flag("optional"));
      case "secret" ->
          new Source.Secret(
              source.string("secretName"), items(source), mode(source), source.flag("optional"));
      case "downwardAPI" -> new Source.DownwardApi(items(source), mode(source));
      case "projected" ->
          new Source.Projected(Fields.views(source, "sources", Volume::projection), mode(source));
      case "persistentVolumeClaim" ->
          new Source.PersistentVolumeClaim(source.string("claimName"), source.flag("readOnly"));
      case "ephemeral" -> new Source.Ephemeral();
      case "image" ->
          new Source.Image(source.string("reference"), source.string("pullPolicy", "IfNotPresent"));
      default -> new Source.Other(kind);
    };
  }

  private static Projection projection(Obj projection) {
    if (projection.isEmpty()) {
      return new Projection.Other("");
    }
    String kind = projection.keyAt(0);
    Obj source = projection.obj(kind);
    return switch (kind) {
      case "configMap" ->
          new Projection.ConfigMap(source.string("name"), items(source), source.flag("optional"));
      case "secret" ->
          new Projection.Secret(source.string("name"), items(source), source.flag("optional"));
      case "downwardAPI" -> new Projection.DownwardApi(items(source));
      case "serviceAccountToken" ->
          new Projection.ServiceAccountToken(
              source.string("path"),
              source.string("audience"),
              source.number("expirationSeconds", DEFAULT_EXPIRATION_SECONDS));
      case "clusterTrustBundle" ->
          new Projection.ClusterTrustBundle(
              source.string("name"),
              source.string("signerName"),
              selector(source),
              source.string("path"),
              source.flag("optional"));
      default -> new Projection.Other(kind);
    };
  }

  /** No selector at all selects nothing, an empty one everything. */
  private static Predicate<Obj> selector(Obj source) {
    if (!source.has("labelSelector")) {
      return _ -> false;
    }
    LabelSelector selector = LabelSelector.of(source.obj("labelSelector"));
    return bundle -> selector.matches(Meta.of(bundle).labels());
  }

  private static List<Item> items(Obj source) {
    return Fields.views(source, "items", Item::new);
  }

  private static int mode(Obj source) {
    return (int) source.number("defaultMode", DEFAULT_MODE);
  }
}
