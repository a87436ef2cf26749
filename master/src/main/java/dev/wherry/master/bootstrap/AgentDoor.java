package dev.wherry.master.bootstrap;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.fleet.JoinToken;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the server for agents when the first join token or the first other node is seen, and stays
 * open. Thread-safe.
 */
final class AgentDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentDoor.class);

  private final ObjectAccess access;
  private final NodeName own;
  private final Callable<? extends AutoCloseable> opening;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final List<ObjectWatch> watches = new ArrayList<>();
  // Guarded by this.
  private @Nullable AutoCloseable server;
  private boolean closed;

  /**
   * @param own the node that lives in this process
   * @param opening starts the server
   */
  AgentDoor(ObjectAccess access, NodeName own, Callable<? extends AutoCloseable> opening) {
    this.access = access;
    this.own = own;
    this.opening = opening;
  }

  void watch() {
    watch(GroupResource.SECRETS, JoinToken.NAMESPACE, secret -> JoinToken.of(secret).isPresent());
    watch(GroupResource.NODES, "", node -> !Meta.of(node).name().equals(own.text()));
  }

  private void watch(GroupResource resource, String namespace, Predicate<Obj> opens) {
    ObjectList now = access.list(resource, namespace, ListOptions.ALL);
    if (now.items().stream().anyMatch(opens)) {
      open();
    }
    watches.add(
        access.watch(
            resource,
            namespace,
            ListOptions.ALL.withResourceVersion(now.resourceVersion()),
            events -> {
              for (WatchEvent event : events) {
                if (event instanceof WatchEvent.Added(Obj object) && opens.test(object)) {
                  open();
                }
              }
            }));
  }

  /** On a thread of its own: watches deliver on the registry's. */
  private void open() {
    if (!asked.getAndSet(true)) {
      Thread.ofVirtual().name("agent-door").start(this::openNow);
    }
  }

  private synchronized void openNow() {
    if (closed) {
      return;
    }
    try {
      server = opening.call();
    } catch (IOException e) {
      LOG.error("other nodes cannot join: {}", e.getMessage());
    } catch (Exception e) {
      LOG.error("other nodes cannot join", e);
    }
  }

  @Override
  public void close() throws Exception {
    watches.forEach(ObjectWatch::close);
    synchronized (this) {
      closed = true;
      if (server != null) {
        server.close();
      }
    }
  }
}
