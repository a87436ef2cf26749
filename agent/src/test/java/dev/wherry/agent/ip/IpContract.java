package dev.wherry.agent.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What every way to the kernel does, in a network namespace of its own. Needs root. */
@ExtendWith(OwnNetwork.class)
abstract class IpContract {
  private static final HardwareAddress NEAR = HardwareAddress.parse("0a:58:0a:2a:00:07");
  private static final HardwareAddress FAR = HardwareAddress.parse("ee:ee:ee:ee:ee:ee");
  private static final String DEVICE = "whtest0";
  private static final int PROTOCOL = 87;

  @TempDir Path directory;
  private IpLayer ip;

  abstract IpLayer open() throws Exception;

  @BeforeEach
  void openIp() throws Exception {
    ip = open();
  }

  @AfterEach
  void close() throws Exception {
    ip.close();
    for (String each : Command.of("ip", "-o", "link").run().lines().toList()) {
      String name = each.split("[:@ ]+")[1];
      if (!name.equals("lo")) {
        Command.of("sh", "-c", "ip link del " + name + " || :").run(); // with its peer already
      }
    }
    Command.of("ip", "addr", "flush", "dev", "lo", "scope", "global").run();
    Command.of("ip", "route", "flush", "proto", "87").run();
  }

  private static Ip address(String text) {
    return Ip.parse(text);
  }

  private void apply(IpChange... changes) throws Exception {
    ip.apply(List.of(changes));
  }

  private void makeDevice() throws Exception {
    Command.of("ip", "link", "add", DEVICE, "type", "veth", "peer", "name", "whtest1").run();
    apply(
        new IpChange.NoGeneratedAddress(DEVICE),
        new IpChange.SetUp(DEVICE),
        new IpChange.SetUp("whtest1"));
  }

  @Test
  void bringsADeviceUpAndTakesItAway() throws Exception {
    makeDevice();

    assertThat(Command.of("ip", "-d", "link", "show", DEVICE).run())
        .contains("UP", "addrgenmode none");

    apply(new IpChange.DeleteLink(DEVICE));

    assertThat(Command.of("ip", "-o", "link").run().lines()).hasSize(1);
  }

  @Test
  void answersEachOfManyCallersAtOnce() throws Exception {
    List<String> devices = IntStream.range(0, 12).mapToObj("many%d"::formatted).toList();
    String batch =
        devices.stream()
            .map(each -> "link add %s type veth peer name %s-b\n".formatted(each, each))
            .collect(Collectors.joining());
    Command.of("ip", "-batch", "-").run(batch);

    // Threads of the platform start in the namespace of the one that starts them.
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      List<Future<?>> all = new ArrayList<>();
      for (String each : devices) {
        all.add(call(threads, new IpChange.DeleteLink(each)));
      }
      Future<?> refused = call(threads, new IpChange.SetUp("nowhere"));
      for (Future<?> each : all) {
        each.get();
      }
      assertThatThrownBy(refused::get)
          .hasCauseInstanceOf(IOException.class)
          .hasMessageContaining("nowhere");
    }

    assertThat(Command.of("ip", "-o", "link").run().lines()).hasSize(1);
  }

  private Future<?> call(ExecutorService threads, IpChange change) {
    return threads.submit(
        () -> {
          apply(change);
          return null;
        });
  }

  @Test
  void putsAddressesOfBothFamiliesTwiceAndDropsThem() throws Exception {
    for (String each : List.of("10.42.0.7", "fd00:42::7")) {
      Ip address = Ip.parse(each);
      apply(new IpChange.PutAddress(address, "lo"), new IpChange.PutAddress(address, "lo"));
      assertThat(Command.of("ip", "addr", "show", "lo").run())
          .contains(each + "/" + address.family().bits() + " scope global");

      apply(new IpChange.DropAddress(address, "lo"));
      assertThat(Command.of("ip", "addr", "show", "lo").run()).doesNotContain(each);
    }
    apply(new IpChange.PutAddress(Ip.parse("10.43.0.10"), "lo", IpChange.Scope.HOST));
    assertThat(Command.of("ip", "addr", "show", "lo").run())
        .contains("10.43.0.10/32 scope host lo");
    apply(new IpChange.DropAddress(Ip.parse("10.43.0.10"), "lo"));
  }

  @Test
  void listsTheRoutesThatItPut() throws Exception {
    makeDevice();
    Command.of("ip", "addr", "add", "192.0.2.1/24", "dev", DEVICE).run();
    Command.of("ip", "addr", "add", "fd00:2::1/64", "dev", DEVICE, "nodad").run();
    List<IpRoute> routes =
        List.of(
            IpRoute.to(Cidr.parse("10.42.1.0/24"), DEVICE)
                .via(address("192.0.2.2"))
                .from(address("192.0.2.1"))
                .by(PROTOCOL),
            IpRoute.to(Cidr.parse("10.42.2.0/24"), DEVICE)
                .onLink(address("10.42.2.0"))
                .by(PROTOCOL),
            IpRoute.to(Ip.parse("10.42.3.7"), DEVICE).by(PROTOCOL),
            IpRoute.to(Cidr.parse("0.0.0.0/0"), DEVICE).via(address("192.0.2.3")).by(PROTOCOL),
            IpRoute.to(Cidr.parse("fd00:43::/112"), DEVICE).via(address("fd00:2::2")).by(PROTOCOL),
            IpRoute.to(Cidr.parse("10.43.0.0/16"), "lo").local().by(PROTOCOL));
    for (IpRoute each : routes) {
      apply(new IpChange.PutRoute(each), new IpChange.PutRoute(each));
    }
    apply(new IpChange.PutRoute(IpRoute.to(Cidr.parse("10.44.0.0/16"), DEVICE)));

    assertThat(ip.routes(PROTOCOL)).containsExactlyInAnyOrderElementsOf(routes);

    for (IpRoute each : routes) {
      apply(new IpChange.DropRoute(each));
    }
    assertThat(ip.routes(PROTOCOL)).isEmpty();
    assertThat(Command.of("ip", "route").run()).contains("10.44.0.0/16");
  }

  @Test
  void leadsElsewhereInThePlaceOfBefore() throws Exception {
    makeDevice();
    IpRoute before = IpRoute.to(Cidr.parse("10.42.3.0/24"), DEVICE).by(PROTOCOL);
    IpRoute after = IpRoute.to(Cidr.parse("10.42.3.0/24"), "whtest1").by(PROTOCOL);

    apply(new IpChange.PutRoute(before), new IpChange.PutRoute(after));

    assertThat(ip.routes(PROTOCOL)).containsExactly(after);
  }

  @Test
  void listsTheNeighboursThatItPut() throws Exception {
    makeDevice();
    Neighbour one = new Neighbour(address("10.42.2.0"), FAR, DEVICE);
    Neighbour two = new Neighbour(address("fd00:42::7"), NEAR, DEVICE);
    Neighbour other = new Neighbour(address("10.42.2.0"), FAR, "whtest1");

    apply(
        new IpChange.PutNeighbour(one),
        new IpChange.PutNeighbour(two),
        new IpChange.PutNeighbour(two),
        new IpChange.PutNeighbour(other));
    assertThat(ip.neighbours(DEVICE)).containsExactlyInAnyOrder(one, two);

    apply(new IpChange.DropNeighbour(one.ip(), DEVICE));
    assertThat(ip.neighbours(DEVICE)).containsExactly(two);
    assertThat(ip.neighbours("whtest1")).containsExactly(other);
    assertThat(ip.neighbours("nowhere")).isEmpty();
  }

  @Test
  void makesATunnelAndLeadsThroughIt() throws Exception {
    Tunnel tunnel = new Tunnel("whtest2", NEAR, 1450, 0x812345, address("127.0.0.1"), 4789);
    Remote remote = new Remote(FAR, "whtest2", address("198.51.100.7"));
    Remote moved = new Remote(FAR, "whtest2", address("198.51.100.8"));

    apply(
        new IpChange.AddTunnel(tunnel),
        new IpChange.SetUp("whtest2"),
        new IpChange.PutRemote(remote));

    assertThat(ip.tunnel("whtest2")).contains(tunnel);
    assertThat(ip.remotes("whtest2")).containsExactly(remote);
    assertThat(Command.of("ip", "-d", "link", "show", "whtest2").run()).contains("nolearning");

    apply(new IpChange.PutRemote(moved));
    assertThat(ip.remotes("whtest2")).containsExactly(moved);
    apply(new IpChange.DropRemote(moved));
    assertThat(ip.remotes("whtest2")).isEmpty();
    assertThat(ip.tunnel("lo")).isEmpty();
    assertThat(ip.tunnel("nowhere")).isEmpty();
    assertThat(ip.remotes("nowhere")).isEmpty();
  }

  @Test
  void tunnelsOfTheOtherFamilyAreFoundToo() throws Exception {
    Tunnel tunnel = new Tunnel("whtest3", NEAR, 1430, 77, address("fd00:2::1"), 8472);

    apply(new IpChange.AddTunnel(tunnel));

    assertThat(ip.tunnel("whtest3")).contains(tunnel);
  }

  @Test
  void stopsAtTheFirstThatFailsAndSaysWhich() throws Exception {
    assertThatThrownBy(
            () ->
                apply(
                    new IpChange.PutAddress(Ip.parse("10.42.0.8"), "lo"),
                    new IpChange.SetUp("nowhere"),
                    new IpChange.PutAddress(Ip.parse("10.42.0.9"), "lo")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nowhere");
    assertThat(Command.of("ip", "addr", "show", "lo").run())
        .contains("10.42.0.8")
        .doesNotContain("10.42.0.9");
    assertThatThrownBy(() -> apply(new IpChange.PutAddress(Ip.parse("10.42.0.9"), "nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nowhere");
    // What comes after a failure is not taken for its answer.
    apply(new IpChange.PutAddress(Ip.parse("10.42.0.9"), "lo"));
  }

  @Test
  void makesNamespacesThatTheirMountsKeep() throws Exception {
    Path root = Files.createDirectory(directory.resolve("pod")).toRealPath();
    Mounts.makePrivate(root);
    Namespaces.Files files = files(root);
    try {
      ip.namespaces()
          .make(
              files,
              "web-0",
              List.of(
                  new IpChange.SetUp("lo"),
                  new IpChange.AddPair(
                      new IpChange.End("eth0", NEAR), new IpChange.End(DEVICE, FAR), 1400)));

      assertThat(Command.of("ip", "link", "show", DEVICE).run())
          .contains("mtu 1400", FAR.toString());
      assertThat(in(files, "ip", "link", "show", "eth0")).contains("mtu 1400", NEAR.toString());
      assertThat(in(files, "hostname")).isEqualTo("web-0\n");
      ip.namespaces().nameHost(files.uts(), "web-1");
      assertThat(in(files, "hostname")).isEqualTo("web-1\n");
      assertThat(List.of(files.network(), files.ipc(), files.uts()))
          .allMatch(each -> isNamespace(each));
    } finally {
      Mounts.unmount(List.of(files.network(), files.ipc(), files.uts(), root));
    }
  }

  @Test
  void mountsTheNamespacesOfAProcess() throws Exception {
    Path root = Files.createDirectory(directory.resolve("held")).toRealPath();
    Mounts.makePrivate(root);
    Namespaces.Files files = files(root);
    Process holder =
        new ProcessBuilder(
                "unshare", "--net", "--ipc", "--uts", "sh", "-c", "hostname held; echo; exec cat")
            .start();
    try {
      assertThat(holder.getInputStream().read()).isEqualTo('\n');
      ip.namespaces().mount(holder.pid(), files, List.of(new IpChange.SetUp("lo")));

      assertThat(in(files, "ip", "link", "show", "lo")).contains("UP");
      assertThat(in(files, "hostname")).isEqualTo("held\n");
    } finally {
      holder.destroyForcibly().waitFor();
      Mounts.unmount(List.of(files.network(), files.ipc(), files.uts(), root));
    }
  }

  private static Namespaces.Files files(Path root) throws IOException {
    return new Namespaces.Files(
        Files.createFile(root.resolve("net")),
        Files.createFile(root.resolve("ipc")),
        Files.createFile(root.resolve("uts")));
  }

  private static boolean isNamespace(Path file) {
    try {
      return Mounts.isNamespace(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String in(Namespaces.Files files, String... argv) throws Exception {
    String[] all = new String[argv.length + 5];
    all[0] = "nsenter";
    all[1] = "--net=" + files.network();
    all[2] = "--ipc=" + files.ipc();
    all[3] = "--uts=" + files.uts();
    all[4] = "--";
    System.arraycopy(argv, 0, all, 5, argv.length);
    return Command.of(all).run();
  }
}
