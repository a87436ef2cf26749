package dev.wherry.api.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartsTest {
  private final List<String> seen = new ArrayList<>();
  private final Parts parts = new Parts((part, failure) -> seen.add(failure.getMessage()));

  @Test
  void endsTheLastFirstAndOnce() {
    parts.add(() -> seen.add("first"));
    parts.add(() -> seen.add("second"));
    parts.close();
    parts.close();
    assertThat(seen).containsExactly("second", "first");
  }

  @Test
  void aPartThatCannotBeEndedKeepsNoOther() {
    parts.add(() -> seen.add("first"));
    parts.add(
        () -> {
          throw new IOException("no");
        });
    parts.close();
    assertThat(seen).containsExactly("no", "first");
  }

  @Test
  void anInterruptIsKeptForLater() {
    parts.add(() -> seen.add("interrupted: " + Thread.currentThread().isInterrupted()));
    parts.add(
        () -> {
          throw new InterruptedException();
        });
    parts.close();
    assertThat(seen).containsExactly("interrupted: false");
    assertThat(Thread.interrupted()).isTrue();
  }
}
