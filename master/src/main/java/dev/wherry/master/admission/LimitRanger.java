package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import dev.wherry.master.registry.quota.Amounts;
import dev.wherry.master.registry.quota.PodAmounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Gives containers the default requests and limits of their namespace's limit ranges, and refuses
 * containers, pods and claims outside of the ranges (Kubernetes' admission plugin LimitRanger).
 * Thread-safe.
 */
public final class LimitRanger implements Step.Mutating, Step.Validating {
  private static final GroupResource RANGES = GroupResource.core("limitranges");
  private static final String ANNOTATION = "kubernetes.io/limit-ranger";

  private final Objects objects;

  public LimitRanger(Objects objects) {
    this.objects = objects;
  }

  @Override
  public Obj admit(Request request) {
    Obj pod = request.change().object();
    if (!request.creates(GroupResource.PODS)) {
      return pod;
    }
    for (Obj range : objects.list(RANGES, request.change().key().namespace())) {
      pod = withDefaults(pod, range);
    }
    return pod;
  }

  private static Obj withDefaults(Obj pod, Obj range) {
    List<String> notes = new ArrayList<>();
    Obj result = pod;
    for (Obj limit : range.obj("spec").objs("limits")) {
      if (limit.string("type").equals("Container")) {
        result =
            result.change(
                "spec",
                spec ->
                    filled(
                        filled(spec, "containers", limit, notes), "initContainers", limit, notes));
      }
    }
    return notes.isEmpty()
        ? result
        : result.withAt(
            "LimitRanger plugin set: " + String.join("; ", notes),
            "metadata",
            "annotations",
            ANNOTATION);
  }

  private static Obj filled(Obj spec, String list, Obj limit, List<String> notes) {
    List<Obj> containers = spec.objs(list);
    if (containers.isEmpty()) {
      return spec;
    }
    String word = list.equals("containers") ? "container " : "init container ";
    List<Obj> changed = new ArrayList<>();
    for (Obj container : containers) {
      String name = word + container.string("name");
      Obj resources = container.obj("resources");
      resources =
          filled(resources, "requests", limit.obj("defaultRequest"), " request for " + name, notes);
      resources = filled(resources, "limits", limit.obj("default"), " limit for " + name, notes);
      changed.add(resources.isEmpty() ? container : container.with("resources", resources));
    }
    return spec.with(list, changed);
  }

  private static Obj filled(
      Obj resources, String part, Obj defaults, String what, List<String> notes) {
    Obj values = resources.obj(part);
    List<String> set = new ArrayList<>();
    for (Obj.Entry each : defaults) {
      if (!values.has(each.key())) {
        values = values.with(each.key(), each.value());
        set.add(each.key());
      }
    }
    if (set.isEmpty()) {
      return resources;
    }
    set.sort(null);
    notes.add(String.join(", ", set) + what);
    return resources.with(part, values);
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    boolean claim =
        change.verb() != Change.Verb.DELETE
            && change.subresource().isEmpty()
            && change.definition().resource().equals(GroupResource.PERSISTENT_VOLUME_CLAIMS);
    boolean resize =
        change.subresource().equals("resize")
            && change.definition().resource().equals(GroupResource.PODS);
    if (!claim && !resize && !request.creates(GroupResource.PODS)) {
      return;
    }
    List<String> errors = new ArrayList<>();
    for (Obj range : objects.list(RANGES, change.key().namespace())) {
      for (Obj limit : range.obj("spec").objs("limits")) {
        check(change.object().obj("spec"), limit, claim, errors);
      }
    }
    if (!errors.isEmpty()) {
      throw StatusException.forbidden(
          change.definition().resource(),
          change.key().name(),
          errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]");
    }
  }

  private static void check(Obj spec, Obj limit, boolean claim, List<String> errors) {
    switch (limit.string("type")) {
      case "PersistentVolumeClaim" -> {
        if (claim) {
          check(limit, Amounts.of(spec.at("resources", "requests")), Amounts.NONE, errors);
        }
      }
      case "Container" -> {
        if (!claim) {
          for (String list : List.of("containers", "initContainers")) {
            for (Obj each : spec.objs(list)) {
              Obj resources = each.obj("resources");
              check(
                  limit,
                  Amounts.of(resources.obj("requests")),
                  Amounts.of(resources.obj("limits")),
                  errors);
            }
          }
        }
      }
      case "Pod" -> {
        if (!claim) {
          PodAmounts pod = PodAmounts.of(spec);
          check(limit, pod.requests(), pod.limits(), errors);
        }
      }
      default -> {}
    }
  }

  private static void check(Obj limit, Amounts requests, Amounts limits, List<String> errors) {
    String type = limit.string("type");
    boolean storage = type.equals("PersistentVolumeClaim");
    for (Map.Entry<String, Quantity> min : Amounts.of(limit.obj("min")).byName().entrySet()) {
      below(min, type, requests, limits, errors);
    }
    for (Map.Entry<String, Quantity> max : Amounts.of(limit.obj("max")).byName().entrySet()) {
      above(max, type, requests, storage ? requests : limits, storage, errors);
    }
    if (!storage) {
      Amounts ratios = Amounts.of(limit.obj("maxLimitRequestRatio"));
      for (Map.Entry<String, Quantity> ratio : ratios.byName().entrySet()) {
        ratio(ratio, type, requests, limits, errors);
      }
    }
  }

  private static void below(
      Map.Entry<String, Quantity> min,
      String type,
      Amounts requests,
      Amounts limits,
      List<String> errors) {
    String name = min.getKey();
    String start = "minimum " + name + " usage per " + type + " is " + text(name, min.getValue());
    if (requests.find(name).isEmpty()) {
      errors.add(start + ".  No request is specified");
    } else if (requests.get(name).compareTo(min.getValue()) < 0) {
      errors.add(start + ", but request is " + text(name, requests.get(name)));
    } else if (limits.find(name).filter(each -> each.compareTo(min.getValue()) < 0).isPresent()) {
      errors.add(start + ", but limit is " + text(name, limits.get(name)));
    }
  }

  private static void above(
      Map.Entry<String, Quantity> max,
      String type,
      Amounts requests,
      Amounts limits,
      boolean storage,
      List<String> errors) {
    String name = max.getKey();
    String start = "maximum " + name + " usage per " + type + " is " + text(name, max.getValue());
    if (limits.find(name).isEmpty()) {
      errors.add(start + (storage ? ". No request is specified" : ".  No limit is specified"));
    } else if (!storage && limits.get(name).compareTo(max.getValue()) > 0) {
      errors.add(start + ", but limit is " + text(name, limits.get(name)));
    } else if (requests.get(name).compareTo(max.getValue()) > 0) {
      errors.add(start + ", but request is " + text(name, requests.get(name)));
    }
  }

  private static void ratio(
      Map.Entry<String, Quantity> ratio,
      String type,
      Amounts requests,
      Amounts limits,
      List<String> errors) {
    String name = ratio.getKey();
    String start =
        name + " max limit to request ratio per " + type + " is " + text(name, ratio.getValue());
    double request = requests.get(name).value().doubleValue();
    double limit = limits.get(name).value().doubleValue();
    if (request == 0) {
      errors.add(start + ", but no request is specified or request is 0");
    } else if (limit == 0) {
      errors.add(start + ", but no limit is specified or limit is 0");
    } else if (limit / request > ratio.getValue().value().doubleValue()) {
      errors.add(start + ", but provided ratio is %f".formatted(limit / request));
    }
  }

  private static String text(String name, Quantity amount) {
    return Amounts.text(name, amount);
  }
}
