package dev.wherry.agent.network;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.ip.IpChange;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ServiceView;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The load balancers' addresses that this node answers for: on the interface whose network they are
 * of, so that the kernel answers ARP for them, and announced when they come. Which are on the
 * interfaces stands in a file, for an agent after this one. Thread-safe.
 */
public final class AnnouncedAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(AnnouncedAddresses.class);
  private static final String ANNOUNCER = "wherry.dev/announced-by";

  private final DesiredState desired;
  private final NodeName node;
  private final IpLayer ip;
  private final Path file;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean asked = new AtomicBoolean();

  /** Whether the master has refused this node since it last said what this one announces. */
  private volatile boolean givenUp;

  /**
   * @param ip of the node's network namespace
   * @param file in the run directory: addresses are gone after a reboot, as is the file
   */
  public AnnouncedAddresses(DesiredState desired, NodeName node, IpLayer ip, Path file) {
    this.desired = desired;
    this.node = node;
    this.ip = ip;
    this.file = file;
  }

  /** Begins to follow the services. */
  public void follow() {
    desired.listen(
        change -> {
          switch (change) {
            case Change.Upserted(var resource, var service) when resource == Resource.SERVICES ->
                askIfLoadBalancer(service);
            case Change.Removed(var resource, var service) when resource == Resource.SERVICES ->
                askIfLoadBalancer(service);
            case Change.Synced _ -> {
              takeUp();
              ask();
            }
            case Change.Upserted _, Change.Removed _, Change.NetworksKnown _ -> {}
          }
        });
  }

  private void askIfLoadBalancer(Obj service) {
    ServiceView view = new ServiceView(service);
    if (view.type().equals("LoadBalancer") || view.meta().annotations().containsKey(ANNOUNCER)) {
      ask();
    }
  }

  private void ask() {
    if (!asked.getAndSet(true)) {
      Thread.ofVirtual()
          .name("announced-addresses")
          .start(
              () -> {
                try {
                  assertAddresses();
                } catch (IOException e) {
                  LOG.warn("load balancers' addresses are not up to date: {}", e.getMessage());
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
  }

  /**
   * Gives up all of them until the master says anew what this node announces: it refuses the node,
   * which was removed, and has others announce them. Two who answer for an address lose half of
   * what comes to it.
   */
  public void giveUp() {
    lock.lock();
    try {
      givenUp = true;
      purge(ip, file);
    } catch (IOException e) {
      LOG.warn("load balancers' addresses are not given up: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Ends what {@link #giveUp} began. */
  void takeUp() {
    givenUp = false;
  }

  /** Puts back what others may have taken away. */
  public void assertAddresses() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      asked.set(false);
      if (!desired.hasSynced() || givenUp) {
        return; // an address is not given up before it is known whose it is now
      }
      Map<String, String> wanted = wanted();
      for (Map.Entry<String, String> held : held(file).entrySet()) {
        if (!held.getValue().equals(wanted.get(held.getKey()))) {
          drop(ip, held.getKey(), held.getValue());
        }
      }
      List<String> lines = new ArrayList<>();
      wanted.forEach((address, device) -> lines.add(address + " " + device));
      if (lines.isEmpty()) {
        Files.deleteIfExists(file);
        return;
      }
      Files.write(file, lines); // first: what is not in the file is never removed
      for (Map.Entry<String, String> each : wanted.entrySet()) {
        add(each.getKey(), each.getValue());
      }
    } finally {
      lock.unlock();
    }
  }

  private void add(String address, String device) throws IOException, InterruptedException {
    NetworkInterface link = NetworkInterface.getByName(device);
    Ip parsed = Ip.parse(address);
    if (link != null && Collections.list(link.getInetAddresses()).contains(parsed.inet())) {
      return;
    }
    ip.apply(List.of(new IpChange.PutAddress(parsed, device)));
    Arp.announce(device, parsed);
    LOG.info("this node answers for {} on {}", address, device);
  }

  private static void drop(IpLayer ip, String address, String device) throws InterruptedException {
    NodeIp.drop(ip, List.of(new IpChange.DropAddress(Ip.parse(address), device)));
  }

  /** Addresses to the interfaces that they belong on. */
  private Map<String, String> wanted() throws IOException {
    Map<String, String> wanted = new TreeMap<>();
    for (Obj each : desired.all(Resource.SERVICES)) {
      ServiceView service = new ServiceView(each);
      if (service.meta().annotations().getOrDefault(ANNOUNCER, "").equals(node.text())) {
        for (String address : service.loadBalancerIps()) {
          OwnNetworks.device(Ip.parse(address))
              .ifPresentOrElse(
                  device -> wanted.put(address, device),
                  () -> LOG.warn("{} is of no network that this node is on", address));
        }
      }
    }
    return wanted;
  }

  private static Map<String, String> held(Path file) throws IOException {
    Map<String, String> held = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        int space = line.indexOf(' ');
        if (space > 0) {
          held.put(line.substring(0, space), line.substring(space + 1));
        }
      }
    } catch (NoSuchFileException _) {
      return held; // nothing is announced
    }
    return held;
  }

  /** Takes away all that agents with this file announced. */
  public static void purge(IpLayer ip, Path file) throws IOException, InterruptedException {
    for (Map.Entry<String, String> each : held(file).entrySet()) {
      drop(ip, each.getKey(), each.getValue());
    }
    Files.deleteIfExists(file);
  }
}
