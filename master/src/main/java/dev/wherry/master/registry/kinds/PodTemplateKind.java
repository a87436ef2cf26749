package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;

/** Templates of pods that stand for themselves. */
final class PodTemplateKind implements Strategy {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "PodTemplate", "podtemplates")
          .returnsDeleted()
          .columns(
              Column.NAME,
              Column.text("Containers", (of, _) -> containers(of, "name")),
              Column.text("Images", (of, _) -> containers(of, "image")),
              Column.text(
                  "Pod Labels",
                  (of, _) -> Cells.labels(of.at("template", "metadata").stringMap("labels"))))
          .strategy(new PodTemplateKind())
          .build();

  private PodTemplateKind() {}

  private static String containers(Obj of, String key) {
    return String.join(
        ",",
        of.at("template", "spec").objs("containers").stream()
            .map(container -> container.string(key))
            .toList());
  }

  @Override
  public Obj defaults(Obj of) {
    return Defaults.changed(of, "template", PodSpecDefaults::template);
  }

  @Override
  public void check(Obj of, Causes causes) {
    PodSpecChecks.template(of.obj("template"), "template", causes);
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    return PodWarnings.ofTemplate(updated, existing, "template");
  }

  @Override
  public boolean hasGeneration() {
    return true;
  }

  @Override
  public boolean changesGeneration(Obj updated, Obj existing) {
    return !updated.obj("template").equals(existing.obj("template"));
  }
}
