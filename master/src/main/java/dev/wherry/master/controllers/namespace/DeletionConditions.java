package dev.wherry.master.controllers.namespace;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a namespace's status says of its deletion: five conditions, as Kubernetes'. Pure. */
final class DeletionConditions {
  private DeletionConditions() {}

  /**
   * @param before the conditions so far
   * @param remaining what there is yet, by resource
   */
  static List<Obj> of(List<Obj> before, Map<String, List<Obj>> remaining, Instant now) {
    List<String> contents = new ArrayList<>();
    Map<String, Integer> finalizers = new TreeMap<>();
    remaining.forEach(
        (resource, objects) -> {
          contents.add(resource + " has " + objects.size() + " resource instances");
          for (Obj object : objects) {
            Meta.of(object).finalizers().forEach(each -> finalizers.merge(each, 1, Integer::sum));
          }
        });
    List<String> held = new ArrayList<>();
    finalizers.forEach((each, count) -> held.add(each + " in " + count + " resource instances"));
    List<Condition> wanted =
        List.of(
            Condition.of(
                "NamespaceDeletionDiscoveryFailure",
                Condition.FALSE,
                "ResourcesDiscovered",
                "All resources successfully discovered",
                now),
            Condition.of(
                "NamespaceDeletionGroupVersionParsingFailure",
                Condition.FALSE,
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
                now),
            Condition.of(
                "NamespaceDeletionContentFailure",
                Condition.FALSE,
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
                now),
            contents.isEmpty()
                ? Condition.of(
                    "NamespaceContentRemaining",
                    Condition.FALSE,
                    "ContentRemoved",
                    "All content successfully removed",
                    now)
                : Condition.of(
                    "NamespaceContentRemaining",
                    Condition.TRUE,
                    "SomeResourcesRemain",
                    "Some resources are remaining: " + String.join(", ", contents),
                    now),
            held.isEmpty()
                ? Condition.of(
                    "NamespaceFinalizersRemaining",
                    Condition.FALSE,
                    "ContentHasNoFinalizers",
                    "All content-preserving finalizers finished",
                    now)
                : Condition.of(
                    "NamespaceFinalizersRemaining",
                    Condition.TRUE,
                    "SomeFinalizersRemain",
                    "Some content in the namespace has finalizers remaining: "
                        + String.join(", ", held),
                    now));
    List<Obj> conditions = before;
    for (Condition each : wanted) {
      conditions = Condition.set(conditions, each);
    }
    return conditions;
  }
}
