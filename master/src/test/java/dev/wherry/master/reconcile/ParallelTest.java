package dev.wherry.master.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 200})
  void throwsWhatAnActionThrewOnceAllAreOver(int count) {
    List<Integer> items = IntStream.range(0, count).boxed().toList();
    for (Throwable each :
        List.of(new IllegalStateException("lost"), new StackOverflowError("too deep"))) {
      Set<Integer> done = ConcurrentHashMap.newKeySet();
      assertThatThrownBy(
              () ->
                  Parallel.forEach(
                      items,
                      item -> {
                        done.add(item);
                        if (item == 0) {
                          fail(each);
                        }
                      }))
          .isSameAs(each);
      assertThat(done).hasSize(count);
    }
  }

  private static void fail(Throwable failure) {
    switch (failure) {
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw new IllegalArgumentException(failure);
    }
  }

  @Test
  void keepsTheOtherFailuresBesideTheFirst() {
    assertThatThrownBy(
            () ->
                Parallel.forEach(
                    List.of("a", "b", "c"),
                    item -> {
                      throw new IllegalStateException(item);
                    }))
        .isInstanceOf(IllegalStateException.class)
        .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(2));
  }
}
