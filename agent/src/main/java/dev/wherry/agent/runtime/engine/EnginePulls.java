package dev.wherry.agent.runtime.engine;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Pulls images over docker-java. Its own pull callback fails with a null pointer on a failed pull
 * (Podman answers 200 with an error inside), so this one reads the error itself. Thread-safe.
 */
public final class EnginePulls implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How long a pull may stand still where nothing else is said. */
  public static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final int CONNECTIONS = 4;

  private final DockerHttpClient transport;
  private final DockerClient client;
  private final Duration patience;

  /**
   * @param patience how long a pull may stand still
   */
  public EnginePulls(Path socket, Duration patience) {
    this.patience = patience;
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

  public void pull(String name, Credentials credentials) throws EngineException {
    PullImageCmd command = client.pullImageCmd(name);
    if (credentials.isPresent()) {
      command.withAuthConfig(
          new AuthConfig()
              .withUsername(credentials.username())
              .withPassword(credentials.password()));
    }
    try (Outcome outcome = command.exec(new Outcome())) {
      while (!outcome.done.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        if (outcome.sinceProgress().compareTo(patience) > 0) {
          // Closing the answer makes Podman give the pull up.
          throw new EngineException(
              Cause.PULL_FAILED,
              "the registry sends nothing for "
                  + patience.toSeconds()
                  + " s: the pull is given up");
        }
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

  /**
   * Keeps the first error of a pull's progress, and when it moved last. The adapter's own wait is
   * of no use here: it ends the pull when its time is over.
   */
  private static final class Outcome extends ResultCallback.Adapter<PullResponseItem> {
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable String error;
    private volatile long movedAt = System.nanoTime();
    private String last = "";

    Duration sinceProgress() {
      return Duration.ofNanos(System.nanoTime() - movedAt);
    }

    @Override
    public void onNext(PullResponseItem item) {
      ResponseItem.ProgressDetail progress = item.getProgressDetail();
      String now =
          item.getId()
              + " "
              + item.getStatus()
              + " "
              + (progress == null ? "" : progress.getCurrent());
      if (!now.equals(last)) {
        last = now;
        movedAt = System.nanoTime();
      }
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
      done.countDown();
    }

    @Override
    public void onComplete() {
      super.onComplete();
      done.countDown();
    }
  }
}
