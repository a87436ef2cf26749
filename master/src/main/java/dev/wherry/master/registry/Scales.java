package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code scale} subresource (autoscaling/v1 Scale) of objects with {@code spec.replicas}. Pure.
 */
public final class Scales {
  public static final GroupVersionKind TYPE = new GroupVersionKind("autoscaling", "v1", "Scale");

  private Scales() {}

  /** The scale of an object. */
  public static Obj of(Obj object) {
    Obj metadata = object.obj("metadata");
    Obj.Builder about = Obj.builder();
    for (String key : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
      metadata.get(key).ifPresent(value -> about.put(key, value));
    }
    Obj.Builder status = Obj.builder().put("replicas", object.obj("status").number("replicas", 0));
    status.putUnlessEmpty("selector", selectorText(selector(object)));
    return Obj.builder()
        .put("kind", TYPE.kind())
        .put("apiVersion", TYPE.apiVersion())
        .put("metadata", about.build())
        .put("spec", Obj.of("replicas", object.obj("spec").number("replicas", 0)))
        .put("status", status.build())
        .build();
  }

  /** That of a replication controller is a plain map of labels. */
  private static Obj selector(Obj object) {
    Obj selector = object.at("spec", "selector");
    return object.string("kind").equals("ReplicationController")
        ? Obj.of("matchLabels", selector)
        : selector;
  }

  /** The columns of scales. */
  public static final List<Column> COLUMNS =
      List.of(
          Column.NAME,
          Column.number("Desired", (scale, _) -> scale.obj("spec").number("replicas", 0)),
          Column.number("Available", (scale, _) -> scale.obj("status").number("replicas", 0)),
          Column.AGE);

  /**
   * The object with the replicas of this scale.
   *
   * @throws StatusException INVALID, about the scale, where they are fewer than none
   */
  public static Obj applied(Obj scale, Obj object) {
    long replicas = scale.obj("spec").number("replicas", 0);
    if (replicas < 0) {
      throw StatusException.invalid(
          TYPE.group(),
          TYPE.kind(),
          object.obj("metadata").string("name"),
          List.of(Cause.invalid("spec.replicas", replicas, "must be greater than or equal to 0")));
    }
    return object.withAt(replicas, "spec", "replicas");
  }

  /** The selector as the text that {@code LabelSelector.parse} takes. */
  public static String selectorText(Obj selector) {
    List<String> terms = new ArrayList<>();
    for (LabelSelector.Requirement requirement : LabelSelector.of(selector).requirements()) {
      terms.add(
          switch (requirement) {
            case LabelSelector.Requirement.In in ->
                in.values().size() == 1
                    ? in.key() + "=" + in.values().iterator().next()
                    : in.key() + " in (" + String.join(",", in.values()) + ")";
            case LabelSelector.Requirement.NotIn notIn ->
                notIn.key() + " notin (" + String.join(",", notIn.values()) + ")";
            case LabelSelector.Requirement.Exists exists -> exists.key();
            case LabelSelector.Requirement.DoesNotExist absent -> "!" + absent.key();
            case LabelSelector.Requirement.GreaterThan above -> above.key() + ">" + above.bound();
            case LabelSelector.Requirement.LessThan below -> below.key() + "<" + below.bound();
          });
    }
    return String.join(",", terms);
  }
}
