package dev.wherry.agent.runtime.podman;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Pulls images over docker-java. Its own pull callback fails with a null pointer on a failed pull
 * (Podman answers 200 with an error inside), so this one reads the error itself. Thread-safe.
 */
final class DockerPulls implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration LONGEST_PULL = Duration.ofMinutes(30);
  private static final int CONNECTIONS = 4;

  private final DockerHttpClient transport;
  private final DockerClient client;

  DockerPulls(Path socket) {
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost("unix://" + socket)
            .withDockerTlsVerify(false)
            .withApiVersion("1.40")
            .build();
    transport =
        new ApacheDockerHttpClient.Builder()
            .dockerHost(config.getDockerHost())
            .maxConnections(CONNECTIONS)
            .connectionTimeout(CONNECT)
            .build();
    client = DockerClientImpl.getInstance(config, transport);
  }

  void pull(String name, Credentials credentials) throws EngineException {
    PullImageCmd command = client.pullImageCmd(name);
    if (credentials.isPresent()) {
      command.withAuthConfig(
          new AuthConfig()
              .withUsername(credentials.username())
              .withPassword(credentials.password()));
    }
    try (Outcome outcome = command.exec(new Outcome())) {
      if (!outcome.awaitCompletion(LONGEST_PULL.toSeconds(), TimeUnit.SECONDS)) {
        throw new EngineException(Cause.PULL_FAILED, "no end of the pull in " + LONGEST_PULL);
      }
      String error = outcome.error;
      if (error != null) {
        throw new EngineException(Cause.PULL_FAILED, error);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException(Cause.PULL_FAILED, "the pull was interrupted", e);
    } catch (DockerException e) {
      throw new EngineException(Cause.PULL_FAILED, String.valueOf(e.getMessage()), e);
    } catch (EngineException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new EngineException(Cause.UNREACHABLE, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      transport.close();
    } catch (IOException _) {
      // Its connections are idle; the sockets are let go with it.
    }
  }

  /** Keeps the first error of a pull's progress. */
  private static final class Outcome extends ResultCallback.Adapter<PullResponseItem> {
    private volatile @Nullable String error;

    @Override
    public void onNext(PullResponseItem item) {
      PullResponseItem.ErrorDetail detail = item.getErrorDetail();
      if (detail != null && detail.getMessage() != null) {
        error = detail.getMessage();
      }
    }

    @Override
    public void onError(Throwable failure) {
      if (error == null) {
        error = String.valueOf(failure.getMessage());
      }
      super.onError(failure);
    }
  }
}
