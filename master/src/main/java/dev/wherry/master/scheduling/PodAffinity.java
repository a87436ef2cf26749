package dev.wherry.master.scheduling;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which pods a pod wants near it and which it does not (core/v1: PodAffinity, PodAntiAffinity).
 * Immutable.
 */
public record PodAffinity(
    List<Term> required,
    List<Term> requiredAnti,
    List<Weighted> preferred,
    List<Weighted> preferredAnti) {
  public static final PodAffinity NONE =
      new PodAffinity(List.of(), List.of(), List.of(), List.of());

  /**
   * Pods that the selector matches, in these namespaces or in those whose labels match.
   *
   * @param topologyKey nodes with the same value of this label are one place
   */
  public record Term(
      LabelSelector selector,
      Set<String> namespaces,
      Optional<LabelSelector> namespaceSelector,
      String topologyKey) {

    boolean matches(PodLabels pod, ClusterSnapshot cluster) {
      boolean inNamespace =
          namespaces.contains(pod.namespace())
              || namespaceSelector.isPresent()
                  && namespaceSelector.get().matches(cluster.namespaceLabels(pod.namespace()));
      return inNamespace && selector.matches(pod.labels());
    }
  }

  /** A term whose match is worth {@code weight}. */
  public record Weighted(long weight, Term term) {}

  public PodAffinity {
    required = List.copyOf(required);
    requiredAnti = List.copyOf(requiredAnti);
    preferred = List.copyOf(preferred);
    preferredAnti = List.copyOf(preferredAnti);
  }

  public boolean isNone() {
    return required.isEmpty()
        && requiredAnti.isEmpty()
        && preferred.isEmpty()
        && preferredAnti.isEmpty();
  }

  /** From {@code spec.affinity} of a pod with these labels. */
  static PodAffinity of(Obj affinity, PodLabels pod) {
    Obj near = affinity.obj("podAffinity");
    Obj far = affinity.obj("podAntiAffinity");
    if (near.isEmpty() && far.isEmpty()) {
      return NONE;
    }
    return new PodAffinity(
        required(near, pod), required(far, pod), preferred(near, pod), preferred(far, pod));
  }

  private static List<Term> required(Obj affinity, PodLabels pod) {
    return affinity.objs("requiredDuringSchedulingIgnoredDuringExecution").stream()
        .map(each -> term(each, pod))
        .toList();
  }

  private static List<Weighted> preferred(Obj affinity, PodLabels pod) {
    return affinity.objs("preferredDuringSchedulingIgnoredDuringExecution").stream()
        .map(each -> new Weighted(each.number("weight", 1), term(each.obj("podAffinityTerm"), pod)))
        .toList();
  }

  private static Term term(Obj term, PodLabels pod) {
    Optional<LabelSelector> namespaceSelector =
        term.has("namespaceSelector")
            ? Optional.of(LabelSelector.of(term.obj("namespaceSelector")))
            : Optional.empty();
    List<String> namespaces = term.strings("namespaces");
    boolean own = namespaces.isEmpty() && namespaceSelector.isEmpty();
    return new Term(
        selector(term, pod),
        own ? Set.of(pod.namespace()) : Set.copyOf(namespaces),
        namespaceSelector,
        term.string("topologyKey"));
  }

  /**
   * The label selector with the pod's own values of {@code matchLabelKeys} and without those of
   * {@code mismatchLabelKeys}, unless the API server wrote them into it when the pod was made. None
   * selects nothing.
   */
  static LabelSelector selector(Obj term, PodLabels pod) {
    if (!term.has("labelSelector")) {
      return nothing();
    }
    List<LabelSelector.Requirement> all =
        new ArrayList<>(LabelSelector.of(term.obj("labelSelector")).requirements());
    Map<String, String> labels = pod.labels();
    List<Obj> written = term.obj("labelSelector").objs("matchExpressions");
    for (String key : term.strings("matchLabelKeys")) {
      String value = labels.get(key);
      if (value != null && isNew(key, written)) {
        all.add(new LabelSelector.Requirement.In(key, Set.of(value)));
      }
    }
    for (String key : term.strings("mismatchLabelKeys")) {
      String value = labels.get(key);
      if (value != null && isNew(key, written)) {
        all.add(new LabelSelector.Requirement.NotIn(key, Set.of(value)));
      }
    }
    return new LabelSelector(all);
  }

  private static boolean isNew(String key, List<Obj> written) {
    return written.stream().noneMatch(each -> each.string("key").equals(key));
  }

  private static LabelSelector nothing() {
    return new LabelSelector(List.of(new LabelSelector.Requirement.In("", Set.of())));
  }
}
