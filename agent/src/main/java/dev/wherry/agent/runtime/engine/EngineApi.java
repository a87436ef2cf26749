package dev.wherry.agent.runtime.engine;

import dev.wherry.agent.runtime.EngineException;
import dev.wherry.agent.runtime.EngineException.Cause;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.agent.runtime.socket.UnixHttp.Answer;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An engine's REST API below one prefix. What cannot be reached fails with {@code UNREACHABLE}; an
 * answer is the caller's to judge. Thread-safe.
 *
 * @param prefix such as {@code /v1.41}
 */
public record EngineApi(UnixHttp http, String prefix) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private interface Exchange {
    Answer run() throws IOException;
  }

  private static Answer reach(Exchange exchange) throws EngineException {
    try {
      return exchange.run();
    } catch (EngineException e) {
      throw e;
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  public Answer get(String path) throws EngineException {
    return get(path, PATIENCE);
  }

  public Answer get(String path, Duration timeout) throws EngineException {
    return reach(() -> http.get(prefix + path, timeout));
  }

  /** Posts without a body. */
  public Answer post(String path, Duration timeout) throws EngineException {
    return reach(() -> http.post(prefix + path, timeout));
  }

  public Answer post(String path, Obj body, Duration timeout) throws EngineException {
    return reach(() -> http.post(prefix + path, body, timeout));
  }

  /**
   * Posts an archive as a plain tar file.
   *
   * @throws EngineException {@code REFUSED} where it cannot be read
   */
  public Answer postArchive(String path, Path archive, Duration timeout) throws EngineException {
    return reach(
        () -> {
          try (ImageArchive tar = ImageArchive.open(archive)) {
            return http.postTar(prefix + path, tar, timeout);
          } catch (ImageArchive.UnreadableException e) {
            throw new EngineException(Cause.REFUSED, String.valueOf(e.getMessage()), e);
          }
        });
  }

  public Answer delete(String path, Duration timeout) throws EngineException {
    return reach(() -> http.delete(prefix + path, timeout));
  }

  /**
   * The answer where it is a good one.
   *
   * @throws EngineException {@code whenMissing} for 404, else {@code REFUSED}
   */
  public static Answer checked(Answer answer, Cause whenMissing) throws EngineException {
    if (answer.ok()) {
      return answer;
    }
    throw new EngineException(
        answer.status() == 404 ? whenMissing : Cause.REFUSED, message(answer));
  }

  /** The engine's own words. */
  public static String message(Answer answer) {
    try {
      return answer.message();
    } catch (MalformedTreeException _) {
      return "HTTP " + answer.status() + ": " + answer.text();
    }
  }

  /** The objects of an array. */
  public static List<Obj> objects(Answer answer) {
    List<Obj> objects = new ArrayList<>();
    if (answer.jsonValue() instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Obj object) {
          objects.add(object);
        }
      }
    }
    return objects;
  }

  public static EngineException unreachable(IOException e) {
    String words = e.getMessage() == null ? e.toString() : e.getMessage();
    return new EngineException(
        Cause.UNREACHABLE, "the container engine does not answer: " + words, e);
  }
}
