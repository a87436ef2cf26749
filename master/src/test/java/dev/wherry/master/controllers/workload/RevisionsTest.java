package dev.wherry.master.controllers.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which revisions go when there are more than a history may have. */
class RevisionsTest {
  private static Obj revision(String name) {
    return Obj.of("metadata", Obj.of("name", name, "uid", "uid-" + name));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0,'a,c'", "1,a", "2,''", "3,''", "-1,''", "-5,''"})
  void theOldestGoThatNobodyUses(long limit, String gone) {
    Obj update = revision("d");
    List<Obj> all = List.of(revision("a"), revision("b"), revision("c"), update);
    List<Obj> past = new Revisions(Optional.empty(), update, all).pastLimit(Set.of("b"), limit);
    assertThat(past.stream().map(Revisions::name).toList())
        .isEqualTo(gone.isEmpty() ? List.of() : List.of(gone.split(",", -1)));
  }
}
