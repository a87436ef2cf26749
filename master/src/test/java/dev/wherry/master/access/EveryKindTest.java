package dev.wherry.master.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Tables;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.registry.WriteOptions.FieldValidation;
import dev.wherry.master.registry.kinds.BuiltInKinds;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One object of each kind, through all that is done with objects. */
class EveryKindTest {
  private static final String NAME = "every-kind";
  private static final WriteOptions STRICT =
      new WriteOptions("", false, FieldValidation.STRICT, false);

  private static final ListOptions LABELLED =
      ListOptions.ALL.withLabels(LabelSelector.parse("a=b"));

  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  /** All but those of which no object can be made. */
  static List<ResourceDefinition> kinds() {
    return BuiltInKinds.all().stream().filter(each -> each.allows("create")).toList();
  }

  private static ObjectKey key(ResourceDefinition kind) {
    return new ObjectKey(kind.isNamespaced() ? "default" : "", name(kind));
  }

  /** An address is named after itself. */
  private static String name(ResourceDefinition kind) {
    return kind.kind().equals("IPAddress") ? "10.9.8.7" : NAME;
  }

  private static Obj sample(ResourceDefinition kind) {
    Obj metadata = Obj.of("name", name(kind));
    return Samples.of(kind.resource().toString())
        .with("apiVersion", kind.apiVersion())
        .with("kind", kind.kind())
        .with("metadata", kind.isNamespaced() ? metadata.with("namespace", "default") : metadata);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void isCreatedReadLabelledListedAndDeleted(ResourceDefinition kind) {
    GroupResource resource = kind.resource();
    Obj made = objects.create(resource, key(kind), "", sample(kind), STRICT);
    assertThat(objects.get(resource, key(kind))).isEqualTo(made);

    Obj labelled =
        objects.update(
            resource,
            made.change("metadata", metadata -> metadata.with("labels", Obj.of("a", "b"))));
    assertThat(Meta.of(labelled).labels()).containsEntry("a", "b");
    assertThat(labelled.obj("spec")).isEqualTo(made.obj("spec"));

    List<Obj> listed = objects.list(resource, key(kind).namespace(), LABELLED).items();
    assertThat(listed).containsExactly(labelled);
    Obj row = Tables.render(kind, listed, cluster.now).objs("rows").getFirst();
    assertThat(row.list("cells")).hasSameSizeAs(kind.columns());

    objects.delete(resource, key(kind), DeleteOptions.DEFAULT);
    assertThat(objects.list(resource, key(kind).namespace(), LABELLED).items())
        .allSatisfy(left -> assertThat(Meta.of(left).isTerminating()).isTrue());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void defaultsTwiceAreDefaultsOnce(ResourceDefinition kind) {
    Obj once = kind.strategy().defaults(sample(kind));
    assertThat(kind.strategy().defaults(once)).isEqualTo(once);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void takesItsStatusFromTheSubresourceAlone(ResourceDefinition kind) {
    if (kind.subresource("status").isEmpty()) {
      return;
    }
    GroupResource resource = kind.resource();
    Obj made = objects.create(resource, key(kind), "", sample(kind), STRICT);
    Obj conditions = Obj.of("conditions", List.of(Obj.of("type", "Tested", "status", "True")));
    Obj after = objects.update(resource, made.with("status", conditions));
    assertThat(after.obj("status")).isEqualTo(made.obj("status"));
  }
}
