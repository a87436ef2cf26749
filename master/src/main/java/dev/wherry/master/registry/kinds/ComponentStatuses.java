package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.VirtualResource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How the parts of the control plane are, as {@code kubectl get componentstatuses} asks: they are
 * one process here, and as well as its store is. Thread-safe.
 *
 * @param failure what is wrong with the store; empty when nothing is
 */
record ComponentStatuses(Supplier<Optional<String>> failure) implements VirtualResource {
  private static final List<String> PARTS = List.of("controller-manager", "etcd-0", "scheduler");

  private static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ComponentStatus", "componentstatuses")
          .deprecated("v1.19+")
          .shortNames("cs")
          .clusterScoped()
          .verbs("get", "list")
          .columns(
              Column.NAME,
              Column.text("Status", (part, _) -> isWell(part) ? "Healthy" : "Unhealthy"),
              Column.text("Message", (part, _) -> condition(part).string("message")),
              Column.text("Error", (part, _) -> condition(part).string("error")))
          .build();

  @Override
  public ResourceDefinition definition() {
    return DEFINITION;
  }

  private static Obj condition(Obj part) {
    return part.objs("conditions").getFirst();
  }

  private static boolean isWell(Obj part) {
    return condition(part).string("status").equals("True");
  }

  @Override
  public Optional<Obj> find(ObjectKey key, Finder stored) {
    return PARTS.contains(key.name()) ? Optional.of(render(key.name())) : Optional.empty();
  }

  @Override
  public List<Obj> list(String namespace, Finder stored) {
    return PARTS.stream().map(this::render).toList();
  }

  private Obj render(String name) {
    Optional<String> wrong = failure.get();
    Obj.Builder condition =
        Obj.builder().put("type", "Healthy").put("status", wrong.isEmpty() ? "True" : "False");
    condition.put(wrong.isEmpty() ? "message" : "error", wrong.orElse("ok"));
    return Obj.of(
        "kind",
        "ComponentStatus",
        "apiVersion",
        "v1",
        "metadata",
        Obj.of("name", name),
        "conditions",
        List.of(condition.build()));
  }
}
