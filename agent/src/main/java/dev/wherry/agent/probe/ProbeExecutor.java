package dev.wherry.agent.probe;

import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.Handler;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/** Runs one probe or one lifecycle hook. Thread-safe; blocks. */
public final class ProbeExecutor {
  private final ContainerRuntime runtime;
  private final ProbeCounts counts;

  public ProbeExecutor(ContainerRuntime runtime) {
    this(runtime, new ProbeCounts());
  }

  /**
   * @param counts told of each probe
   */
  public ProbeExecutor(ContainerRuntime runtime, ProbeCounts counts) {
    this.runtime = runtime;
    this.counts = counts;
  }

  ProbeCounts counts() {
    return counts;
  }

  /**
   * What a probe or a hook came to.
   *
   * @param message kubelet's, for the event of a failure
   * @param warning kubelet's, for the event of a success that may not be one; empty: none
   */
  public record Result(Verdict verdict, String message, String warning) {
    static Result success(String message) {
      return new Result(Verdict.SUCCESS, message, "");
    }

    static Result failure(String message) {
      return new Result(Verdict.FAILURE, message, "");
    }

    /** Of a redirect that leads to another host, where nobody asked. */
    static Result redirected(String body) {
      String warning = "Probe terminated redirects, Response body: " + body;
      return new Result(Verdict.SUCCESS, body, warning);
    }
  }

  /**
   * Runs a probe.
   *
   * @param podIp where ports are reached unless the handler names a host
   * @throws EngineException when a command could not be run or there is no such port, which says
   *     nothing of the container
   */
  public Result run(
      Handler handler, ContainerView container, String id, String podIp, Duration timeout)
      throws EngineException {
    return switch (handler) {
      case Handler.Exec exec -> exec(id, exec.command(), timeout);
      case Handler.HttpGet get -> http(check(get, container, podIp), timeout);
      case Handler.TcpSocket tcp ->
          tcp(host(tcp.host(), podIp), port(tcp.port(), container), timeout);
      case Handler.Grpc grpc -> GrpcCheck.run(podIp, grpc.port(), grpc.service(), timeout);
      case Handler.Sleep _, Handler.None _ -> Result.success("");
    };
  }

  /**
   * Runs a lifecycle hook; of HTTP any answer is a success, as kubelet has it.
   *
   * @param limit what remains of the grace for a preStop hook
   */
  public Result hook(
      Handler handler, ContainerView container, String id, String podIp, Duration limit)
      throws InterruptedException {
    return switch (handler) {
      case Handler.HttpGet get -> request(get, container, podIp, limit);
      case Handler.Sleep sleep -> {
        Duration wanted = Duration.ofSeconds(Math.max(0, sleep.seconds()));
        Thread.sleep(wanted.compareTo(limit) < 0 ? wanted : limit);
        yield Result.success("");
      }
      case Handler.None _ -> Result.failure("invalid handler");
      case Handler.Exec _, Handler.TcpSocket _, Handler.Grpc _ -> {
        try {
          yield run(handler, container, id, podIp, limit);
        } catch (EngineException e) {
          yield Result.failure(String.valueOf(e.getMessage()));
        }
      }
    };
  }

  private static Result request(
      Handler.HttpGet get, ContainerView container, String podIp, Duration limit) {
    try {
      HttpCheck check = check(get, container, podIp);
      try {
        return Result.success(Integer.toString(check.follow(limit).status()));
      } catch (IOException e) {
        return Result.failure("Get \"" + check.url() + "\": " + e.getMessage());
      }
    } catch (EngineException e) {
      return Result.failure(String.valueOf(e.getMessage()));
    }
  }

  private Result exec(String id, List<String> command, Duration timeout) throws EngineException {
    try {
      ContainerRuntime.ExecResult result = runtime.exec(id, command, timeout);
      return result.exitCode() == 0
          ? Result.success(result.output())
          : Result.failure(result.output());
    } catch (EngineException e) {
      if (e.reason() == EngineException.Cause.TIMED_OUT) {
        return Result.failure(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private static Result tcp(String host, int port, Duration timeout) {
    try (Socket socket = new Socket()) {
      HttpCheck.connect(socket, host, port, (int) timeout.toMillis());
      return Result.success("");
    } catch (IOException e) {
      return Result.failure(String.valueOf(e.getMessage()));
    }
  }

  private static HttpCheck check(Handler.HttpGet get, ContainerView container, String podIp)
      throws EngineException {
    boolean tls = get.scheme().equalsIgnoreCase("HTTPS");
    int port = get.port().isEmpty() ? tls ? 443 : 80 : port(get.port(), container);
    return HttpCheck.of(get, host(get.host(), podIp), port);
  }

  private static Result http(HttpCheck check, Duration timeout) {
    try {
      HttpCheck.Answer answer = check.follow(timeout);
      if (answer.status() >= 300 && answer.status() < 400) {
        return Result.redirected(answer.body());
      }
      return answer.status() >= 200 && answer.status() < 300
          ? Result.success(answer.body())
          : Result.failure("HTTP probe failed with statuscode: " + answer.status());
    } catch (IOException e) {
      return Result.failure("Get \"" + check.url() + "\": " + e.getMessage());
    }
  }

  private static String host(String given, String podIp) {
    return given.isEmpty() ? podIp : given;
  }

  /** A number, or the name of one of the container's ports; else kubelet's complaint. */
  private static int port(String port, ContainerView container) throws EngineException {
    if (!port.isEmpty() && port.chars().allMatch(Character::isDigit)) {
      return Integer.parseInt(port);
    }
    return container.ports().stream()
        .filter(each -> each.name().equals(port))
        .findFirst()
        .map(ContainerPort::containerPort)
        .orElseThrow(
            () ->
                new EngineException(
                    EngineException.Cause.REFUSED,
                    "strconv.Atoi: parsing \"" + port + "\": invalid syntax"));
  }
}
