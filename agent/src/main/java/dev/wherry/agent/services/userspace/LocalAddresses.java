package dev.wherry.agent.services.userspace;

import dev.wherry.agent.host.Command;
import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the services' addresses those of the machine: one route of type local for their whole
 * range, whatever services there are, and one for each external address that no interface has. What
 * nobody listens on is refused by the kernel then. Confined to one thread.
 */
public final class LocalAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(LocalAddresses.class);
  private static final Command IP = Command.of("ip", "-batch", "-");

  /** Marks our routes, for who removes what we left. */
  private static final String MARK = " dev lo table local proto 87";

  private final Set<String> ours = new TreeSet<>();
  private String services = "";

  void begin(String serviceRange) {
    services = serviceRange;
  }

  /** All IPv4 addresses of the machine's interfaces. */
  static Set<Ip> current() throws SocketException {
    Set<Ip> all = new HashSet<>();
    for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress address : Collections.list(each.getInetAddresses())) {
        if (address instanceof Inet4Address ipv4) {
          all.add(Ip.of(ipv4));
        }
      }
    }
    return Set.copyOf(all);
  }

  /** Has the service range and these addresses local, and no others that we made so. */
  void assertLocal(Collection<String> external) throws IOException, InterruptedException {
    Set<Ip> onInterfaces = current();
    Set<String> wanted = new TreeSet<>();
    wanted.add(services);
    for (String address : external) {
      if (!onInterfaces.contains(Ip.parse(address))) {
        wanted.add(address);
      }
    }
    Set<String> there = listed();
    StringBuilder commands = new StringBuilder();
    for (String each : ours) {
      if (!wanted.contains(each) && there.contains(each)) {
        commands.append("route del local ").append(each).append(MARK).append('\n');
      }
    }
    for (String each : wanted) {
      if (!there.contains(each)) {
        commands.append("route replace local ").append(each).append(MARK).append('\n');
      }
    }
    if (!commands.isEmpty()) {
      IP.run(commands.toString());
    }
    ours.clear();
    ours.addAll(wanted);
  }

  private static Set<String> listed() throws IOException, InterruptedException {
    Set<String> listed = new TreeSet<>();
    for (String line :
        Command.of("ip", "-4", "route", "show", "table", "local", "proto", "87")
            .run()
            .lines()
            .toList()) {
      String[] words = line.strip().split("\\s+");
      if (words.length > 1 && words[0].equals("local")) {
        listed.add(words[1]);
      }
    }
    return listed;
  }

  /** Takes away what agents on this machine made local. */
  public static void purge() throws InterruptedException {
    try {
      for (String each : listed()) {
        IP.run("route del local " + each + MARK + "\n");
      }
    } catch (IOException e) {
      LOG.warn("local routes may remain: {}", e.getMessage());
    }
  }
}
