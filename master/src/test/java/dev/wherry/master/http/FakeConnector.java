package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Pods that are processes of this machine: {@code exec} runs the command here. */
final class FakeConnector implements Connector {
  final BlockingQueue<LogOptions> logRequests = new LinkedBlockingQueue<>();
  volatile String log = "first\nsecond\n";

  @Override
  public InputStream logs(Obj pod, LogOptions options) {
    logRequests.add(options);
    return new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Process exec(Obj pod, ExecOptions options) {
    throw StatusException.badRequest("exec");
  }

  @Override
  public Process attach(Obj pod, ExecOptions options) {
    throw StatusException.badRequest("attach");
  }

  @Override
  public PortStream portForward(Obj pod, int port) {
    throw StatusException.badRequest("port-forward");
  }
}
