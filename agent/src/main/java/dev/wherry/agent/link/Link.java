package dev.wherry.agent.link;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.volume.TokenSource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a session with the master: one after another, for as long as the agent lives. What the
 * master sends goes into the {@link DesiredState}; what the agent reports through {@link #reports}
 * goes to the master now or when it is back in reach. While it is not, nothing here changes.
 *
 * <p>One virtual thread connects, sends and waits. Thread-safe.
 */
public final class Link implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Link.class);
  private static final Set<Status.Code> REFUSALS =
      Set.of(Status.Code.UNAUTHENTICATED, Status.Code.PERMISSION_DENIED);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final LinkOptions options;
  private final ChannelSource channels;
  private final DesiredState desired;
  private final Outbox outbox;
  private final Inventory inventory;
  private final Tunnels tunnels;
  private final TokenRequests tokens;
  private final AtomicBoolean connected = new AtomicBoolean();
  private final Thread thread;

  private Link(LinkOptions options, ChannelSource channels, DesiredState desired, Tunnels tunnels) {
    this.options = options;
    this.channels = channels;
    this.desired = desired;
    this.tunnels = tunnels;
    Mirrors mirrors = new Mirrors(desired);
    this.outbox = new Outbox(this::isKnown, mirrors);
    this.inventory = new Inventory(desired, mirrors, outbox);
    this.tokens = new TokenRequests(outbox::request);
    this.thread = Thread.ofVirtual().name("link").unstarted(this::run);
  }

  /**
   * Starts to connect. The desired state must hold by now what a checkpoint has of it: what it
   * holds when a session begins and the master does not want is removed.
   *
   * @param channels where the channel of each connection comes from
   */
  public static Link start(
      LinkOptions options, ChannelSource channels, DesiredState desired, NodeServices services) {
    Link link = new Link(options, channels, desired, new Tunnels(services));
    desired.listen(link::onChange);
    link.thread.start();
    return link;
  }

  /** Where the agent reports to. */
  public Reports reports() {
    return outbox;
  }

  /** Where tokens for pods come from. */
  public TokenSource tokens() {
    return tokens;
  }

  /** Whether the master has answered the session that is open now. */
  public boolean isConnected() {
    return connected.get();
  }

  /** Ends the session and its tunnels. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(CLOSING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tunnels.close();
  }

  private boolean isKnown(ObjectKey key, PodUid uid) {
    return desired
        .get(DesiredState.Resource.PODS, key)
        .filter(pod -> Meta.of(pod).uid().equals(uid.text()))
        .isPresent();
  }

  private void onChange(DesiredState.Change change) {
    if (change instanceof DesiredState.Change.Removed(DesiredState.Resource resource, var last)
        && resource == DesiredState.Resource.PODS) {
      outbox.forget(new PodUid(Meta.of(last).uid()));
      inventory.keepMirror(ObjectKey.of(last));
    }
    if (change instanceof DesiredState.Change.Upserted(DesiredState.Resource resource, var pod)
        && resource == DesiredState.Resource.PODS
        && desired.isOwn(ObjectKey.of(pod))) {
      inventory.keepMirror(ObjectKey.of(pod));
    }
  }

  private void run() {
    SplittableRandom random = new SplittableRandom();
    int failures = 0;
    try {
      while (true) {
        Status end = oneSession();
        tokens.disconnected();
        if (REFUSALS.contains(end.getCode()) || isRefusedHandshake(end)) {
          channels.refused();
        }
        if (connected.getAndSet(false)) {
          LOG.info("the session with the master ended: {}", describe(end));
          failures = 1;
        } else {
          failures++;
          LOG.warn("the master is not in reach (attempt {}): {}", failures, describe(end));
        }
        Duration wait = BackOff.delay(options.minBackOff(), options.maxBackOff(), failures, random);
        Thread.sleep(wait);
      }
    } catch (InterruptedException _) {
      connected.set(false); // closed
    }
  }

  /**
   * Whether the other side ended the handshake: our certificate may have ended by its clock and not
   * by ours.
   */
  private static boolean isRefusedHandshake(Status status) {
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException && String.valueOf(cause.getMessage()).contains("alert")) {
        return true;
      }
    }
    return false;
  }

  private static String describe(Status status) {
    String description = status.getDescription();
    return status.getCode() + (description == null ? "" : ": " + description);
  }

  private Status oneSession() throws InterruptedException {
    ManagedChannel channel;
    try {
      channel = channels.open();
    } catch (IOException | RuntimeException e) {
      return Status.UNAVAILABLE.withDescription(String.valueOf(e.getMessage())).withCause(e);
    }
    try {
      Session session =
          new Session(options, channel, inventory, outbox, tunnels, tokens, connected);
      return session.run();
    } catch (RuntimeException e) { // such as a transport that ends while a call begins on it
      return Status.INTERNAL.withDescription(e.toString()).withCause(e);
    } finally {
      channel.shutdownNow();
      if (!channel.isTerminated()) {
        channel.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }
}
