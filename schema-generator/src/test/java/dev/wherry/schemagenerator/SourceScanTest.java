package dev.wherry.schemagenerator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceScanTest {
  /** As protoc writes it, shortened. */
  private static final String SOURCE =
      """
      public final class V1 {
        public interface ThingOrBuilder extends
            // @@protoc_insertion_point(interface_extends:k8s.io.api.core.v1.Thing)
            com.google.protobuf.MessageOrBuilder {

          /**
           * <pre>
           * How many &lt;things&gt;,
           * and what they&#47;it do.
           *
           * Second paragraph:
           *  - a point
           * +optional
           * +patchStrategy=merge,retainKeys
           * +listMapKey=a
           * +listMapKey=b
           * ---
           * not for users
           * </pre>
           *
           * <code>repeated .k8s.io.api.core.v1.Part parts = 2;</code>
           */
          java.util.List<Part> getPartsList();
          /**
           * <pre>
           * Twice.
           * </pre>
           *
           * <code>repeated .k8s.io.api.core.v1.Part parts = 2;</code>
           */
          Part getParts(int index);
          /**
           * <code>map&lt;string, bytes&gt; data = 1;</code>
           */
          int getDataCount();
        }
        /**
         * <pre>
         * A thing.
         * +structType=atomic
         * </pre>
         *
         * Protobuf type {@code k8s.io.api.core.v1.Thing}
         */
        public  static final class Thing extends
          /**
           * <code>optional string other = 9;</code>
           */
          public boolean hasOther() {
          }
        }
      }
      """;

  private static List<Message> read(String source) throws IOException {
    SourceScan scan = new SourceScan();
    scan.read(new BufferedReader(new StringReader(source)));
    return scan.messages();
  }

  @Test
  void readsFieldsOfInterfacesAndCommentsOfClasses() throws IOException {
    Message thing = read(SOURCE).get(0);
    assertThat(thing.name()).isEqualTo("k8s.io.api.core.v1.Thing");
    assertThat(thing.comment()).containsExactly("A thing.", "+structType=atomic");
    assertThat(thing.fields()).extracting(Declaration::number).containsExactly(1, 2);
    Declaration data = thing.fields().get(0);
    assertThat(data.shape()).isEqualTo(Declaration.Shape.MAP);
    assertThat(data.type()).isEqualTo("bytes");
    Declaration parts = thing.fields().get(1);
    assertThat(parts.shape()).isEqualTo(Declaration.Shape.LIST);
    assertThat(parts.type()).isEqualTo(".k8s.io.api.core.v1.Part");
    assertThat(parts.isMarked("optional")).isTrue();
    assertThat(parts.marked("listMapKey")).containsExactly("a", "b");
    assertThat(parts.marked("patchStrategy")).containsExactly("merge,retainKeys");
  }

  @Test
  void describesWithoutMarkers() throws IOException {
    assertThat(read(SOURCE).get(0).fields().get(1).description())
        .isEqualTo("How many <things>, and what they/it do.\n\nSecond paragraph:\n - a point");
  }

  @Test
  void countsWhatItRead() throws IOException {
    SchemaGenerator.Census census = SchemaGenerator.Census.of(read(SOURCE));
    assertThat(census.messages()).isEqualTo(1);
    assertThat(census.fields()).isEqualTo(2);
    assertThat(census.listMapKeys()).isEqualTo(2);
    assertThat(census.describedFields()).isEqualTo(1);
  }

  @Test
  void refusesDeclarationsThatItDoesNotUnderstand() {
    assertThatThrownBy(() -> Declaration.parse("oneof string a = 1;", List.of()))
        .hasMessageContaining("no declaration of a field");
  }
}
