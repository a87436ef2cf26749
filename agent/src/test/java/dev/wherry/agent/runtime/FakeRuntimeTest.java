package dev.wherry.agent.runtime;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FakeRuntimeTest extends ContainerRuntimeContract {
  @TempDir Path directory;
  private final FakeRuntime runtime = new FakeRuntime("web:1");

  @Override
  protected ContainerRuntime runtime() {
    return runtime;
  }

  @Override
  protected String image() {
    return "web:1";
  }

  @Override
  protected Path directory() {
    return directory;
  }
}
