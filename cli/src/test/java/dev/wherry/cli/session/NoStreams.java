package dev.wherry.cli.session;

import dev.wherry.agent.logs.PodLogs;
import dev.wherry.agent.runtime.ContainerStreams;
import dev.wherry.api.object.PodUid;
import java.io.IOException;
import java.io.OutputStream;

/** A node on which no container runs. */
class NoStreams implements ContainerStreams, PodLogs {
  @Override
  public Exec exec(PodUid pod, ExecSpec spec) throws IOException {
    throw new NoSuchContainerException("container not found (\"" + spec.container() + "\")");
  }

  @Override
  public Exec attach(PodUid pod, ExecSpec spec) throws IOException {
    throw new NoSuchContainerException("container not found (\"" + spec.container() + "\")");
  }

  @Override
  public Connection forward(PodUid pod, int port) throws IOException {
    return connect(pod, port);
  }

  @Override
  public Connection connect(PodUid pod, int port) throws IOException {
    throw new NoSuchContainerException("no sandbox of pod " + pod);
  }

  @Override
  public void copy(PodUid pod, Query query, OutputStream out)
      throws IOException, InterruptedException {
    throw new NoSuchContainerException("container not found (\"" + query.container() + "\")");
  }
}
