package dev.wherry.master.registry.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.master.registry.BuiltInSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sets of fields, and what managed fields become as objects change. */
class ManagedFieldsTest {
  private static final TypeSchema POD =
      new BuiltInSchema(SchemaTable.builtIn()).type(GroupVersionKind.of("v1", "Pod"));
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Obj pod(String name) {
    return Json.read(
        """
        {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s','labels':{'a':'b','c':'d'}},
         'spec':{'nodeSelector':{'x':'y'},'tolerations':[{'key':'k'}],
          'containers':[{'name':'c','image':'i','args':['1'],'ports':[{'containerPort':80},{'containerPort':80,'protocol':'UDP'}],
            'env':[{'name':'A','value':'1'},{'name':'B\\\"','value':'2'}]},{'name':'d','image':'i'}]},
         'status':{'phase':'Running','podIPs':[{'ip':'10.0.0.1'}],
          'conditions':[{'type':'Ready','status':'True'},{'type':'Initialized','status':'True'}]}}
        """
            .formatted(name)
            .replace('\'', '"'));
  }

  /** The value with some of its members gone and some changed. */
  private static Object changed(Object value, Random random) {
    return switch (value) {
      case Obj object -> {
        Obj result = object;
        for (Obj.Entry each : object) {
          int chance = random.nextInt(12);
          boolean key = List.of("name", "type", "ip", "containerPort").contains(each.key());
          if (chance == 0 && !key) {
            result = result.without(each.key());
          } else if (!key) {
            result = result.with(each.key(), changed(each.value(), random));
          }
        }
        yield result;
      }
      case List<?> list -> {
        List<Object> items = new ArrayList<>();
        list.stream()
            .filter(_ -> random.nextInt(6) > 0)
            .forEach(item -> items.add(changed(item, random)));
        yield List.copyOf(items);
      }
      case String text -> random.nextInt(5) == 0 ? text + "x" : text;
      default -> value;
    };
  }

  @Test
  void whatIsGoneIsWhatOneSetHasAndTheOtherLacks() {
    long seed = 20261128;
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      Obj was = (Obj) changed(pod("p"), random);
      Obj is = (Obj) changed(pod("p"), random);
      FieldSet before = FieldWalk.made(POD, was);
      FieldSet after = FieldWalk.made(POD, is);
      FieldSet gone = FieldWalk.gone(POD, was, is);
      assertThat(gone.intersection(before))
          .as("seed %s, round %s: %s to %s", seed, i, was, is)
          .isEqualTo(before.minus(after));
      assertThat(gone.intersection(after))
          .as("seed %s, round %s: %s to %s", seed, i, was, is)
          .isEqualTo(FieldSet.EMPTY);
      assertThat(before.union(after).minus(after)).isEqualTo(before.minus(after));
      assertThat(before.intersection(after)).isEqualTo(before.minus(before.minus(after)));
      assertThat(FieldSet.ofFieldsV1(before.toFieldsV1())).isEqualTo(before);
      assertThat(before.union(before.intersection(after))).isSameAs(before);
    }
  }

  @Test
  void podsOfAKindShareOneCopyInMemory() {
    Obj one =
        ManagedFields.created(POD, pod("one"), "kube-controller-manager", NOW).into(pod("one"));
    Obj two =
        ManagedFields.created(POD, pod("two"), "kube-controller-manager", NOW).into(pod("two"));
    assertThat(fields(two)).isSameAs(fields(one));
    assertThat(fields(FieldsPool.shared(Smile.read(Smile.write(two))))).isSameAs(fields(one));
  }

  private static Obj fields(Obj pod) {
    return pod.obj("metadata").objs("managedFields").getFirst().obj("fieldsV1");
  }

  @Test
  void anUnchangedObjectKeepsItsEntries() {
    Obj pod = pod("p");
    ManagedFields made = ManagedFields.created(POD, pod, "m", NOW);
    assertThat(made.afterUpdate(POD, pod, pod, "other", "", NOW.plusSeconds(9))).isSameAs(made);
    Obj less = pod.change("metadata", metadata -> metadata.without("labels"));
    Obj left = made.afterUpdate(POD, pod, less, "other", "", NOW.plusSeconds(9)).into(less);
    assertThat(left.obj("metadata").objs("managedFields")).hasSize(1);
    assertThat(fields(left).has("f:metadata")).isFalse();
  }

  private static Obj deployment(String labels) {
    return Json.read(
        """
        {'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'d','labels':%s},
         'spec':{'replicas':1,'selector':{'matchLabels':{'a':'b'}},
          'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':'25%%'}},
          'template':{'metadata':{'labels':{'a':'b'}},'spec':{'restartPolicy':'Always','containers':[
           {'name':'c','image':'i','resources':{'limits':{'cpu':'1'}},'env':[{'name':'A','value':'1'}]}]}}}}
        """
            .formatted(labels)
            .replace('\'', '"'));
  }

  /** As a cluster shows them of a deployment that kubectl created. */
  @Test
  void whoMakesAnObjectOwnsTheObjectsAndListsInItUnlessGoHasThemFromTheStart() {
    TypeSchema type =
        new BuiltInSchema(SchemaTable.builtIn()).type(GroupVersionKind.of("apps/v1", "Deployment"));
    Obj made = deployment("{'a':'b'}");
    ManagedFields fields = ManagedFields.created(type, made, "kubectl-create", NOW);
    assertThat(fields(fields.into(made)))
        .isEqualTo(
            Json.read(
                """
                {'f:metadata':{'f:labels':{'.':{},'f:a':{}}},
                 'f:spec':{'f:replicas':{},'f:selector':{},
                  'f:strategy':{'f:rollingUpdate':{'.':{},'f:maxSurge':{}},'f:type':{}},
                  'f:template':{'f:metadata':{'f:labels':{'.':{},'f:a':{}}},
                   'f:spec':{'f:containers':{'k:{\\'name\\':\\'c\\'}':{'.':{},
                     'f:env':{'.':{},'k:{\\'name\\':\\'A\\'}':{'.':{},'f:name':{},'f:value':{}}},
                     'f:image':{},'f:name':{},'f:resources':{'.':{},'f:limits':{'.':{},'f:cpu':{}}}}},
                    'f:restartPolicy':{}}}}}
                """
                    .replace('\'', '"')));
    Obj more = deployment("{'a':'b','c':'d'}");
    Obj labelled = fields.afterUpdate(type, made, more, "other", "", NOW.plusSeconds(9)).into(more);
    assertThat(labelled.obj("metadata").objs("managedFields").getLast().obj("fieldsV1"))
        .isEqualTo(Json.read("{\"f:metadata\":{\"f:labels\":{\"f:c\":{}}}}"));
    FieldSet applied = FieldWalk.fields(type, ManagedFields.ownable(made));
    assertThat(applied.child("f:metadata").toFieldsV1())
        .isEqualTo(Json.read("{\"f:labels\":{\"f:a\":{}}}"));
  }
}
