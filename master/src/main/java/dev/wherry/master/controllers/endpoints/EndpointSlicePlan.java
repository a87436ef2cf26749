package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ServiceView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of a service's endpoint slices. Pure; an endpoint stays in the slice where it is, so
 * that a change touches as few slices as it can, and a plan on what is there after a plan is empty.
 *
 * @param obstacles by address type, why endpoints are not divided among zones, empty where they
 *     are; none of a service that does not ask for it
 */
record EndpointSlicePlan(
    List<Obj> create, List<Obj> update, List<Obj> delete, Map<String, String> obstacles) {
  static final String CONTROLLER = "endpointslice-controller.k8s.io";
  static final int MAX_ENDPOINTS = 100;
  private static final String HEADLESS_LABEL = "service.kubernetes.io/headless";

  EndpointSlicePlan {
    create = List.copyOf(create);
    update = List.copyOf(update);
    delete = List.copyOf(delete);
    obstacles = Map.copyOf(obstacles);
  }

  boolean isEmpty() {
    return create.isEmpty() && update.isEmpty() && delete.isEmpty();
  }

  /**
   * @param pods those that the service selects
   * @param existing slices of the service that this controller made
   */
  static EndpointSlicePlan plan(
      ServiceView service, List<PodView> pods, List<Obj> existing, Zones zones) {
    return new Planning(service, existing, zones).plan(pods);
  }

  /** The address families of a service, as address types. */
  static List<String> families(ServiceView service) {
    return service.ipFamilies().isEmpty() ? List.of("IPv4") : service.ipFamilies();
  }

  /** What a slice is about: an address type and ports. */
  private record Group(String addressType, List<Obj> ports) {
    static Group of(Obj slice) {
      return new Group(slice.string("addressType"), List.copyOf(slice.objs("ports")));
    }
  }

  /** One run of {@link #plan}. Confined to one thread. */
  private static final class Planning {
    private final ServiceView service;
    private final EndpointTopology topology;
    private final List<Obj> existing;
    private final List<Obj> create = new ArrayList<>();
    private final List<Obj> update = new ArrayList<>();
    private final Deque<Obj> spare = new ArrayDeque<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> obstacles = new HashMap<>();

    Planning(ServiceView service, List<Obj> existing, Zones zones) {
      this.service = service;
      this.topology = EndpointTopology.of(service, zones);
      this.existing =
          existing.stream().sorted(Comparator.comparing(each -> Meta.of(each).name())).toList();
      this.existing.forEach(each -> names.add(Meta.of(each).name()));
    }

    EndpointSlicePlan plan(List<PodView> pods) {
      Map<Group, Map<String, Obj>> wanted = wanted(pods);
      Map<Group, List<Obj>> held = new LinkedHashMap<>();
      for (Obj slice : existing) {
        Group group = Group.of(slice);
        if (wanted.containsKey(group)) {
          held.computeIfAbsent(group, _ -> new ArrayList<>()).add(slice);
        } else {
          spare.add(slice);
        }
      }
      List<Map.Entry<Group, List<Obj>>> fresh = new ArrayList<>();
      wanted.forEach(
          (group, endpoints) ->
              fill(group, held.getOrDefault(group, List.of()), endpoints)
                  .forEach(more -> fresh.add(Map.entry(group, more))));
      for (Map.Entry<Group, List<Obj>> each : fresh) {
        add(each.getKey(), each.getValue());
      }
      return new EndpointSlicePlan(create, update, List.copyOf(spare), obstacles);
    }

    /** Endpoints by their groups and, within a group, by what they stand for. */
    private Map<Group, Map<String, Obj>> wanted(List<PodView> pods) {
      Map<Group, Map<String, Obj>> wanted = new LinkedHashMap<>();
      List<PodView> inOrder = pods.stream().sorted(Comparator.comparing(PodView::key)).toList();
      for (String family : families(service)) {
        int before = wanted.size();
        for (PodView pod : inOrder) {
          Optional<PodAddress> found = PodAddress.of(service, pod, family);
          found.ifPresent(
              each ->
                  wanted
                      .computeIfAbsent(new Group(family, each.ports()), _ -> new LinkedHashMap<>())
                      .put(each.targetRef().string("uid"), each.toEndpoint()));
        }
        if (wanted.size() == before) {
          // A slice without endpoints says that the service has none.
          wanted.put(new Group(family, List.of()), Map.of());
        }
      }
      wanted.replaceAll((group, endpoints) -> placed(group, endpoints));
      return wanted;
    }

    private Map<String, Obj> placed(Group group, Map<String, Obj> endpoints) {
      EndpointTopology.Placed placed = topology.applied(endpoints);
      if (topology.isAuto()) {
        obstacles.merge(
            group.addressType(),
            placed.obstacle(),
            (before, now) -> before.isEmpty() ? now : before);
      }
      return placed.endpoints();
    }

    /** Puts the endpoints into the slices of their group; returns what goes into new ones. */
    private List<List<Obj>> fill(Group group, List<Obj> slices, Map<String, Obj> endpoints) {
      Map<String, Obj> left = new LinkedHashMap<>(endpoints);
      List<List<Obj>> contents = new ArrayList<>();
      for (Obj slice : slices) {
        List<Obj> kept = new ArrayList<>();
        for (Obj old : slice.objs("endpoints")) {
          Obj now = left.remove(old.obj("targetRef").string("uid"));
          if (now != null) {
            kept.add(now);
          }
        }
        contents.add(kept);
      }
      Deque<Obj> homeless = new ArrayDeque<>(left.values());
      for (List<Obj> content : contents) {
        while (content.size() < MAX_ENDPOINTS && !homeless.isEmpty()) {
          content.add(homeless.removeFirst());
        }
      }
      keep(group, slices, contents, endpoints.isEmpty());
      List<List<Obj>> more = new ArrayList<>();
      while (!homeless.isEmpty() || endpoints.isEmpty() && slices.isEmpty() && more.isEmpty()) {
        List<Obj> content = new ArrayList<>();
        while (content.size() < MAX_ENDPOINTS && !homeless.isEmpty()) {
          content.add(homeless.removeFirst());
        }
        more.add(content);
      }
      return more;
    }

    private void keep(
        Group group, List<Obj> slices, List<List<Obj>> contents, boolean placeholder) {
      for (int i = 0; i < slices.size(); i++) {
        boolean needed = !contents.get(i).isEmpty() || placeholder && i == 0;
        if (needed) {
          change(slices.get(i), group, contents.get(i));
        } else {
          spare.add(slices.get(i));
        }
      }
    }

    /** A slice that is needed no longer serves before a new one is made. */
    private void add(Group group, List<Obj> endpoints) {
      Optional<Obj> reused =
          spare.stream()
              .filter(each -> each.string("addressType").equals(group.addressType()))
              .findFirst();
      if (reused.isPresent()) {
        spare.remove(reused.get());
        change(reused.get(), group, endpoints);
      } else {
        create.add(slice(freeName(), group, endpoints));
      }
    }

    private void change(Obj slice, Group group, List<Obj> endpoints) {
      Obj wanted = slice(Meta.of(slice).name(), group, endpoints);
      Obj metadata = wanted.obj("metadata");
      Obj changed =
          slice
              .change(
                  "metadata",
                  old ->
                      old.with("labels", metadata.obj("labels"))
                          .with("ownerReferences", metadata.list("ownerReferences")))
              .with("endpoints", wanted.list("endpoints"))
              .with("ports", wanted.list("ports"));
      boolean same =
          changed.obj("metadata").equals(slice.obj("metadata"))
              && changed.list("endpoints").equals(slice.list("endpoints"))
              && changed.list("ports").equals(slice.list("ports"));
      if (!same) {
        update.add(changed);
      }
    }

    private String freeName() {
      for (int i = 0; ; i++) {
        int hash = 31 * service.meta().uid().hashCode() + i;
        String name = service.meta().name() + "-" + Integer.toUnsignedString(hash & 0x3ffffff, 32);
        if (names.add(name)) {
          return name;
        }
      }
    }

    private Obj slice(String name, Group group, List<Obj> endpoints) {
      Meta meta = service.meta();
      Obj.Builder labels = Obj.builder();
      meta.labels().forEach(labels::put);
      labels
          .put(EndpointSliceView.SERVICE_NAME_LABEL, meta.name())
          .put(EndpointSliceView.MANAGED_BY_LABEL, CONTROLLER);
      if (service.isHeadless()) {
        labels.put(HEADLESS_LABEL, "");
      }
      Obj owner = new OwnerReference("v1", "Service", meta.name(), meta.uid(), true, true).toObj();
      return Obj.of(
          "apiVersion",
          "discovery.k8s.io/v1",
          "kind",
          "EndpointSlice",
          "metadata",
          Obj.of(
              "name",
              name,
              "namespace",
              meta.namespace(),
              "labels",
              labels.build(),
              "ownerReferences",
              List.of(owner)),
          "addressType",
          group.addressType(),
          "endpoints",
          endpoints,
          "ports",
          group.ports());
    }
  }
}
