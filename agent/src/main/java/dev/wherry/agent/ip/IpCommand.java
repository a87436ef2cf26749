package dev.wherry.agent.ip;

import dev.wherry.agent.host.Command;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts {@code ip} and {@code bridge} (iproute2 5.0 and later, which print JSON) for each batch.
 * Immutable; about the network namespace of the calling thread.
 */
public final class IpCommand implements IpLayer {
  /** The node's network namespace, for programs that run in a pod's. */
  static final String NODE_NAMESPACE = "/proc/self/fd/9";

  private static final Command IP = Command.of("ip", "-batch", "-");
  private static final Command BRIDGE = Command.of("bridge", "-batch", "-");

  /** Changes in their order; those in a row that are one program's go to it at once. */
  @Override
  public void apply(List<IpChange> changes) throws IOException, InterruptedException {
    int start = 0;
    while (start < changes.size()) {
      boolean forwarding = changes.get(start) instanceof IpChange.Forwarding;
      int end = start;
      while (end < changes.size()
          && changes.get(end) instanceof IpChange.Forwarding == forwarding) {
        end++;
      }
      (forwarding ? BRIDGE : IP).run(lines(changes.subList(start, end)));
      start = end;
    }
  }

  /** As {@code ip -batch} takes them. */
  static String lines(List<IpChange> changes) {
    StringBuilder lines = new StringBuilder();
    KernelIpv6.possible(changes).forEach(each -> lines.append(each.line()).append('\n'));
    return lines.toString();
  }

  @Override
  public List<IpRoute> routes(int protocol) throws IOException, InterruptedException {
    List<IpRoute> routes = new ArrayList<>();
    for (String family : List.of("-4", "-6")) {
      for (String table : List.of("main", "local")) {
        Command list =
            Command.of(
                "ip",
                family,
                "-j",
                "route",
                "show",
                "table",
                table,
                "proto",
                Integer.toString(protocol));
        for (Obj each : listed(list)) {
          routes.add(route(each, family, table, protocol));
        }
      }
    }
    return routes;
  }

  private static IpRoute route(Obj told, String family, String table, int protocol) {
    String to = told.string("dst");
    String all = family.equals("-4") ? "0.0.0.0/0" : "::/0";
    IpRoute.Kind kind =
        table.equals("local")
            ? IpRoute.Kind.LOCAL
            : told.strings("flags").contains("onlink")
                ? IpRoute.Kind.ON_LINK
                : IpRoute.Kind.UNICAST;
    return new IpRoute(
        to.equals("default") ? Cidr.parse(all) : range(to),
        kind,
        told.string("dev"),
        address(told, "gateway"),
        address(told, "prefsrc"),
        protocol);
  }

  /** Programs leave the bits out where all count. */
  private static Cidr range(String text) {
    return text.indexOf('/') < 0
        ? Cidr.parse(text + "/" + Ip.parse(text).family().bits())
        : Cidr.parse(text);
  }

  private static Optional<Ip> address(Obj told, String key) {
    String text = told.string(key);
    return text.isEmpty() ? Optional.empty() : Optional.of(Ip.parse(text));
  }

  @Override
  public List<Neighbour> neighbours(String device) throws IOException, InterruptedException {
    Command list = Command.of("ip", "-j", "neigh", "show", "dev", device, "nud", "permanent");
    return listedOn(device, list).stream()
        .filter(each -> !each.string("lladdr").isEmpty())
        .map(
            each ->
                new Neighbour(
                    Ip.parse(each.string("dst")),
                    HardwareAddress.parse(each.string("lladdr")),
                    device))
        .toList();
  }

  @Override
  public List<Remote> remotes(String device) throws IOException, InterruptedException {
    return listedOn(device, Command.of("bridge", "-j", "fdb", "show", "dev", device)).stream()
        .filter(each -> !each.string("dst").isEmpty())
        .map(
            each ->
                new Remote(
                    HardwareAddress.parse(each.string("mac")),
                    device,
                    Ip.parse(each.string("dst"))))
        .toList();
  }

  @Override
  public Optional<Tunnel> tunnel(String device) throws IOException, InterruptedException {
    return listedOn(device, Command.of("ip", "-j", "-d", "link", "show", "dev", device)).stream()
        .filter(each -> each.obj("linkinfo").string("info_kind").equals("vxlan"))
        .filter(each -> local(each.obj("linkinfo").obj("info_data")).isPresent())
        .map(IpCommand::tunnel)
        .findFirst();
  }

  private static Tunnel tunnel(Obj told) {
    Obj vxlan = told.obj("linkinfo").obj("info_data");
    return new Tunnel(
        told.string("ifname"),
        HardwareAddress.parse(told.string("address")),
        Math.toIntExact(told.number("mtu", 0)),
        Math.toIntExact(vxlan.number("id", 0)),
        local(vxlan).orElseThrow(),
        Math.toIntExact(vxlan.number("port", 0)));
  }

  private static Optional<Ip> local(Obj vxlan) {
    return address(vxlan, vxlan.has("local6") ? "local6" : "local");
  }

  /** Programs fail when they are asked for what is on a device that does not exist. */
  private static List<Obj> listedOn(String device, Command list)
      throws IOException, InterruptedException {
    try {
      return listed(list);
    } catch (Command.FailedException e) {
      if (e.output().contains(device)
          && (e.output().contains("does not exist") || e.output().contains("Cannot find"))) {
        return List.of();
      }
      throw e;
    }
  }

  private static List<Obj> listed(Command list) throws IOException, InterruptedException {
    String output = list.run().strip();
    List<Obj> listed = new ArrayList<>();
    if (!output.isEmpty()
        && Json.readValue(output.getBytes(StandardCharsets.UTF_8), _ -> {})
            instanceof List<?> all) {
      for (Object each : all) {
        if (each instanceof Obj object && !object.isEmpty()) {
          listed.add(object);
        }
      }
    }
    return listed;
  }

  @Override
  public Namespaces namespaces() {
    return new ShellNamespaces();
  }

  @Override
  public void close() {}
}
