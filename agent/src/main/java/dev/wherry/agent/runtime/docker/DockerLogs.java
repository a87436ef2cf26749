package dev.wherry.agent.runtime.docker;

import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.engine.EngineApi;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where Docker writes containers' logs. Thread-safe. */
record DockerLogs(EngineApi api) {

  /** Makes a link to a container's log, at the place where Kubernetes has it. */
  void link(Path place, String id) throws EngineException {
    Path written = written(id);
    try {
      Files.deleteIfExists(place);
      Files.createSymbolicLink(place, written);
    } catch (FileAlreadyExistsException _) {
      // Somebody was quicker: there is but one place to link to.
    } catch (IOException e) {
      throw new EngineException(Cause.REFUSED, "cannot link the log: " + e, e);
    }
  }

  private Path written(String id) throws EngineException {
    String told =
        EngineApi.checked(api.get("/containers/" + id + "/json"), Cause.NO_SUCH_CONTAINER)
            .json()
            .string("LogPath");
    // 20.10 says where only once it has started; the place is the same for all.
    return told.isEmpty()
        ? dataRoot().resolve("containers").resolve(id).resolve(id + "-json.log")
        : Path.of(told);
  }

  private Path dataRoot() throws EngineException {
    return Path.of(
        EngineApi.checked(api.get("/info"), Cause.REFUSED).json().string("DockerRootDir"));
  }
}
