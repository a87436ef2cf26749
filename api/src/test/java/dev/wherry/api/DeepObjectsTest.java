package dev.wherry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.patch.JsonPatch;
import dev.wherry.api.patch.MergePatch;
import dev.wherry.api.patch.StrategicMergePatch;
import dev.wherry.api.schema.SchemaDefaults;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.TypeCheck;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The deepest objects that a client may send, on a thread whose stack is as small as those of the
 * server ({@code -Xss512k}) and code that nothing has compiled yet.
 */
class DeepObjectsTest {
  private static final long STACK_BYTES = 512 * 1024;
  private static final GroupVersionKind CRD =
      GroupVersionKind.of("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  private static final TypeSchema TYPE = SchemaTable.builtIn().kind(CRD).orElseThrow();

  /** A schema within a schema and so on, in the first version of a definition. */
  private static String nested(String start, String end, int levels) {
    return "{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\","
        + "\"spec\":{\"versions\":[{\"schema\":{\"openAPIV3Schema\":{"
        + start.repeat(levels)
        + end.repeat(levels)
        + "}}}]}}";
  }

  private static void onSmallStack(Runnable run) throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread = new Thread(null, run, "small-stack", STACK_BYTES);
    thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
    thread.start();
    thread.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void everyFunctionTakesThem() throws InterruptedException {
    onSmallStack(
        () -> {
          for (String each :
              List.of(
                  nested("\"not\":{", "}", 245),
                  nested("\"properties\":{\"a\":{", "}}", 120),
                  nested("\"allOf\":[{", "}]", 120))) {
            Obj crd = Json.read(each);
            assertThat(TypeCheck.check(CRD, TYPE, crd).object()).isSameAs(crd);
            assertThat(SchemaDefaults.apply(TYPE, crd)).isSameAs(crd);
            assertThat(StrategicMergePatch.apply(TYPE, crd, crd).hashCode())
                .isEqualTo(crd.hashCode());
            assertThat(MergePatch.apply(crd, crd)).isEqualTo(crd);
            assertThat(
                    JsonPatch.apply(
                        crd, List.of(Obj.of("op", "copy", "from", "/spec", "path", "/copy"))))
                .isNotEqualTo(crd);
            assertThat(Smile.read(Smile.write(crd))).isEqualTo(crd);
            assertThat(Json.text(crd)).isEqualTo(each);
          }
        });
  }

  @Test
  void protobufHasABoundOfItsOwn() throws InterruptedException {
    onSmallStack(
        () -> {
          Obj fits = Json.read(nested("\"not\":{", "}", 90));
          assertThat(KubernetesProtobuf.decode(KubernetesProtobuf.encode(fits))).isEqualTo(fits);
          byte[] deeper = KubernetesProtobuf.encode(Json.read(nested("\"not\":{", "}", 245)));
          assertThatThrownBy(() -> KubernetesProtobuf.decode(deeper))
              .isInstanceOf(MalformedTreeException.class)
              .hasMessageContaining("nested deeper than 100 levels");
        });
  }
}
