package dev.wherry.master.controllers.garbage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions.Propagation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgementTest {

  /** Two owners as they stand, the object's finalizer, whether it has dependents itself. */
  @ParameterizedTest
  @CsvSource({
    "SOLID,   SOLID,   '',                 false, keep",
    "SOLID,   ABSENT,  '',                 false, detach b",
    "SOLID,   WAITING, '',                 false, detach b",
    "ABSENT,  ABSENT,  '',                 false, delete BACKGROUND",
    "ABSENT,  ABSENT,  orphan,             false, delete ORPHAN",
    "ABSENT,  ABSENT,  foregroundDeletion, false, delete FOREGROUND",
    "WAITING, ABSENT,  '',                 false, delete BACKGROUND",
    "WAITING, ABSENT,  '',                 true,  delete FOREGROUND",
    "UNKNOWN, ABSENT,  '',                 false, keep",
    "UNKNOWN, WAITING, '',                 true,  keep",
    "UNKNOWN, SOLID,   '',                 false, keep",
  })
  void goesByItsOwners(
      Judgement.Owner first,
      Judgement.Owner second,
      String finalizer,
      boolean hasDependents,
      String expected) {
    Obj object =
        Json.read(
            """
            {"metadata": {"name": "o", "ownerReferences": [{"uid": "a"}, {"uid": "b"}],
              "finalizers": ["%s"]}}
            """
                .formatted(finalizer));
    Map<String, Judgement.Owner> owners = Map.of("a", first, "b", second);
    Judgement judgement = Judgement.on(object, hasDependents, owners);
    assertThat(judgement).isEqualTo(parse(expected));
  }

  private static Judgement parse(String text) {
    String[] words = text.split(" ", -1);
    return switch (words[0]) {
      case "keep" -> new Judgement.Keep();
      case "detach" -> new Judgement.Detach(List.of(words[1]));
      default -> new Judgement.Delete(Propagation.valueOf(words[1]));
    };
  }
}
