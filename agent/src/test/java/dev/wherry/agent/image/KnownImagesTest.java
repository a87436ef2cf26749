package dev.wherry.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.agent.runtime.FakeRuntime;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KnownImagesTest {
  private final FakeRuntime runtime = new FakeRuntime();
  private final AtomicLong nanos = new AtomicLong();
  private final KnownImages images = new KnownImages(runtime, nanos::get);

  @Test
  void asksAgainAfterAChangeOrAWhile() throws Exception {
    runtime.useRegistry((_, _) -> {});
    runtime.pull("a", Credentials.NONE);
    assertThat(images.list()).extracting(Image::id).containsExactly("a");
    runtime.pull("b", Credentials.NONE);
    assertThat(images.list()).as("nobody said so").hasSize(1);
    images.change();
    assertThat(images.list()).hasSize(2);
    runtime.pull("c", Credentials.NONE);
    nanos.addAndGet(KnownImages.PERIOD.toNanos());
    assertThat(images.list()).hasSize(2);
    nanos.incrementAndGet();
    assertThat(images.list()).hasSize(3);
  }
}
