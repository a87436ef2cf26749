package dev.wherry.master.controllers.workload;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The history of a workload's pod template as ControllerRevisions, which {@code kubectl rollout
 * undo} patches back onto the workload. Pure.
 *
 * @param write the revision of the template as it should be written: new, or an old one that comes
 *     last again; empty where it is there already
 * @param update the revision of the template as it is now
 * @param all what there is, with {@code write} carried out, the oldest revision first
 */
public record Revisions(Optional<Obj> write, Obj update, List<Obj> all) {
  public static final String HASH = "controller-revision-hash";
  public static final String STATEFUL_SET_HASH_LABEL = "controller.kubernetes.io/hash";
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private static final Comparator<Obj> BY_REVISION =
      Comparator.<Obj>comparingLong(Revisions::number)
          .thenComparing(each -> Meta.of(each).creationTimestamp().orElse(java.time.Instant.EPOCH))
          .thenComparing(each -> Meta.of(each).name());

  public Revisions {
    all = List.copyOf(all);
  }

  /**
   * @param owned the revisions that the workload controls
   * @param hashLabel the label of revisions that carries the template's hash
   * @param collisions how often the hash proved to be another template's
   */
  public static Revisions plan(Obj owner, List<Obj> owned, String hashLabel, long collisions) {
    Obj template = owner.obj("spec").obj("template");
    List<Obj> known = new ArrayList<>(owned);
    known.sort(BY_REVISION);
    long last = known.isEmpty() ? 0 : number(known.getLast());
    for (Obj each : known.reversed()) {
      if (PodTemplate.areAlike(templateOf(each), template)) {
        if (number(each) == last) {
          return new Revisions(Optional.empty(), each, known);
        }
        Obj again = each.with("revision", last + 1);
        known.remove(each);
        known.add(again);
        return new Revisions(Optional.of(again), again, known);
      }
    }
    Obj made = made(owner, template, hashLabel, last + 1, collisions);
    known.add(made);
    return new Revisions(Optional.of(made), made, known);
  }

  private static Obj made(Obj owner, Obj template, String hashLabel, long number, long collisions) {
    Meta meta = Meta.of(owner);
    String hash = PodTemplate.hash(template, collisions);
    Map<String, String> labels = new LinkedHashMap<>(Meta.of(template).labels());
    labels.put(hashLabel, hash);
    Map<String, String> annotations = new LinkedHashMap<>(meta.annotations());
    annotations.remove(LAST_APPLIED);
    return Obj.of(
        "apiVersion",
        "apps/v1",
        "kind",
        "ControllerRevision",
        "metadata",
        Obj.builder()
            .put("name", meta.name() + "-" + hash)
            .put("namespace", meta.namespace())
            .put("labels", labels)
            .putUnlessEmpty("annotations", annotations)
            .put("ownerReferences", List.of(OwnerReference.controlledBy(owner).toObj()))
            .build(),
        "data",
        Obj.of("spec", Obj.of("template", template.with("$patch", "replace"))),
        "revision",
        number);
  }

  /** The pod template that the revision stands for. */
  public static Obj templateOf(Obj revision) {
    return revision.obj("data").at("spec", "template").without("$patch");
  }

  public static long number(Obj revision) {
    return revision.number("revision", 0);
  }

  public static String name(Obj revision) {
    return Meta.of(revision).name();
  }

  /** The revision of this name, else that of the template now. */
  public Obj named(String name) {
    return all.stream().filter(each -> name(each).equals(name)).findFirst().orElse(update);
  }

  /**
   * The oldest that neither are in use nor fit into the history.
   *
   * @param limit how many of them there may be; a negative one keeps all
   */
  public List<Obj> pastLimit(Set<String> namesInUse, long limit) {
    if (limit < 0) {
      return List.of();
    }
    List<Obj> idle =
        all.stream()
            .filter(each -> each != update && !namesInUse.contains(name(each)))
            .filter(each -> !Meta.of(each).uid().isEmpty())
            .toList();
    return idle.subList(0, (int) Math.clamp(idle.size() - limit, 0, idle.size()));
  }
}
