package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What AppArmor annotations of new pods become. */
class AppArmorAnnotationsTest {
  @ParameterizedTest(name = "{0} of {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          runtime/default | {} | {'type':'RuntimeDefault'}
          unconfined | {} | {'type':'Unconfined'}
          localhost/p | {} | {'type':'Localhost','localhostProfile':'p'}
          localhost/ | {} | {}
          other | {} | {}
          unconfined | {'securityContext':{'appArmorProfile':{'type':'Unconfined'}}} | {}
          unconfined | {'os':{'name':'windows'}} | {}
          """)
  void fillTheField(String annotation, String pod, String profile) {
    String key = PodAnnotationChecks.APP_ARMOR + "c";
    Obj spec = json(pod).with("containers", List.of(Obj.of("name", "c")));
    Obj container =
        AppArmorAnnotations.inFields(spec, Obj.of(key, annotation)).objs("containers").getFirst();
    assertThat(container.obj("securityContext").obj("appArmorProfile")).isEqualTo(json(profile));
  }

  @Test
  void leaveAFieldAlone() {
    Obj spec =
        json(
            "{'containers':[{'name':'c','securityContext':"
                + "{'appArmorProfile':{'type':'RuntimeDefault'}}}]}");
    Obj annotations = Obj.of(PodAnnotationChecks.APP_ARMOR + "c", "unconfined");
    assertThat(AppArmorAnnotations.inFields(spec, annotations)).isEqualTo(spec);
  }
}
