package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Subresource.Behaviour;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Everything that the master knows about a kind: its names, what can be done with it, how it is
 * printed, selected, defaulted and checked. A kind is added by adding one of these. Immutable.
 *
 * @param versions that are served, the preferred and stored one first
 * @param verbs as discovery names them
 * @param columns of its tables, without the namespace, which kubectl adds
 * @param fields that a field selector may ask for, besides name and namespace
 * @param deprecation since when, and what to use instead, such as {@code v1.33+; use
 *     discovery.k8s.io/v1 EndpointSlice}; empty where it is not deprecated
 */
public record ResourceDefinition(
    GroupResource resource,
    List<String> versions,
    String kind,
    String singular,
    List<String> shortNames,
    List<String> categories,
    Scope scope,
    List<String> verbs,
    List<Subresource> subresources,
    List<Column> columns,
    Map<String, Function<Obj, String>> fields,
    Strategy strategy,
    DeletionAnswer deletionAnswer,
    String deprecation) {

  /** What a delete answers of an object that is gone. */
  public enum DeletionAnswer {
    STATUS,
    OBJECT
  }

  private static final List<String> ALL_VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  public ResourceDefinition {
    versions = List.copyOf(versions);
    shortNames = List.copyOf(shortNames);
    categories = List.copyOf(categories);
    verbs = List.copyOf(verbs);
    subresources = List.copyOf(subresources);
    columns = List.copyOf(columns);
    fields = Map.copyOf(fields);
  }

  /** The type of its objects, in the preferred version. */
  public GroupVersionKind groupVersionKind() {
    return new GroupVersionKind(resource.group(), versions.getFirst(), kind);
  }

  /** {@code v1}, or {@code apps/v1}. */
  public String apiVersion() {
    return groupVersionKind().apiVersion();
  }

  public boolean isNamespaced() {
    return scope == Scope.NAMESPACED;
  }

  public boolean allows(String verb) {
    return verbs.contains(verb);
  }

  public Optional<Subresource> subresource(String name) {
    return subresources.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /** What clients are warned of. */
  public Optional<String> warning() {
    return deprecation.isEmpty()
        ? Optional.empty()
        : Optional.of(apiVersion() + " " + kind + " is deprecated in " + deprecation);
  }

  public static Builder of(String group, String version, String kind, String plural) {
    return new Builder(new GroupVersionKind(group, version, kind), plural);
  }

  /** Collects a definition. Confined to one thread. */
  public static final class Builder {
    private final GroupVersionKind type;
    private final String plural;
    private List<String> shortNames = List.of();
    private List<String> categories = List.of();
    private Scope scope = Scope.NAMESPACED;
    private List<String> verbs = ALL_VERBS;
    private final List<Subresource> subresources = new ArrayList<>();
    private List<Column> columns = List.of(Column.NAME, Column.AGE);
    private final Map<String, Function<Obj, String>> fields = new LinkedHashMap<>();
    private Strategy strategy = Strategy.PLAIN;
    private DeletionAnswer deletionAnswer = DeletionAnswer.STATUS;
    private String deprecation = "";

    private Builder(GroupVersionKind type, String plural) {
      this.type = type;
      this.plural = plural;
    }

    /** The kind in its preferred version. */
    public GroupVersionKind type() {
      return type;
    }

    public Builder shortNames(String... names) {
      shortNames = List.of(names);
      return this;
    }

    public Builder categories(String... names) {
      categories = List.of(names);
      return this;
    }

    public Builder clusterScoped() {
      scope = Scope.CLUSTER;
      return this;
    }

    public Builder verbs(String... names) {
      verbs = List.of(names);
      return this;
    }

    public Builder withStatus() {
      return subresource(
          "status",
          type,
          new Behaviour.Part(
              UnaryOperator.identity(),
              (part, object) -> strategy.beforeStatusUpdate(part, object)),
          "get",
          "patch",
          "update");
    }

    public Builder withScale() {
      return subresource(
          "scale",
          Scales.TYPE,
          new Behaviour.Part(Scales::of, Scales::applied),
          "get",
          "patch",
          "update");
    }

    /** A subresource that the registry serves. */
    public Builder subresource(
        String name, GroupVersionKind kind, Behaviour behaviour, String... verbsOfIt) {
      subresources.add(new Subresource(name, kind, List.of(verbsOfIt), behaviour));
      return this;
    }

    /** A subresource that is a stream to the object's node. */
    public Builder stream(String name, GroupVersionKind kind, String... verbsOfIt) {
      return subresource(name, kind, new Behaviour.Stream(), verbsOfIt);
    }

    public Builder columns(Column... all) {
      columns = List.of(all);
      return this;
    }

    /** Further columns behind those there are. */
    public Builder moreColumns(List<Column> more) {
      List<Column> all = new ArrayList<>(columns);
      all.addAll(more);
      columns = List.copyOf(all);
      return this;
    }

    /** A field that selectors may ask for, by its path of keys. */
    public Builder field(String path) {
      String[] keys = path.split("\\.", -1);
      String[] parents = Arrays.copyOf(keys, keys.length - 1);
      return field(path, object -> object.at(parents).string(keys[keys.length - 1]));
    }

    public Builder field(String name, Function<Obj, String> value) {
      fields.put(name, value);
      return this;
    }

    public Builder strategy(Strategy how) {
      strategy = how;
      return this;
    }

    /** Clients want the object itself when it is gone. */
    public Builder returnsDeleted() {
      deletionAnswer = DeletionAnswer.OBJECT;
      return this;
    }

    /** The kind is deprecated since that version. */
    public Builder deprecated(String sinceAndInstead) {
      deprecation = sinceAndInstead;
      return this;
    }

    public ResourceDefinition build() {
      return new ResourceDefinition(
          new GroupResource(type.group(), plural),
          List.of(type.version()),
          type.kind(),
          type.kind().toLowerCase(Locale.ROOT),
          shortNames,
          categories,
          scope,
          verbs,
          subresources,
          columns,
          fields,
          strategy,
          deletionAnswer,
          deprecation);
    }
  }
}
