package dev.wherry.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.ip.IpLayer;
import dev.wherry.agent.ip.NetlinkIp;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A node's interface as load balancers' addresses come to it and leave it. Needs root. */
@ExtendWith(OwnNetwork.class)
class AnnouncedAddressesTest {
  private static final ObjectKey WEB = new ObjectKey("default", "web");

  @TempDir Path directory;
  private IpLayer ip;
  private DesiredState desired;
  private AnnouncedAddresses announced;

  @BeforeEach
  void start() throws Exception {
    ip = NetlinkIp.open();
    Command.of("ip", "-batch", "-")
        .run(
            """
            link add up0 type veth peer name up1
            addr add 203.0.113.1/24 dev up0
            link set up0 up
            link set up1 up
            """);
    begin();
  }

  private void begin() {
    desired = new DesiredState();
    announced = new AnnouncedAddresses(desired, new NodeName("pi-1"), ip, file());
  }

  @AfterEach
  void stop() throws Exception {
    AnnouncedAddresses.purge(ip, file());
    Command.of("ip", "link", "del", "up0").run();
    ip.close();
  }

  /** As after each change; here, since other threads of this process are in other networks. */
  private void look() throws Exception {
    announced.assertAddresses();
  }

  private Path file() {
    return directory.resolve("announced");
  }

  private static Obj web(String announcer, String address) {
    return Obj.of(
        "metadata",
        Obj.of(
            "namespace",
            "default",
            "name",
            "web",
            "annotations",
            Obj.of("wherry.dev/announced-by", announcer)),
        "spec",
        Obj.of("type", "LoadBalancer"),
        "status",
        Obj.of("loadBalancer", Obj.of("ingress", List.of(Obj.of("ip", address)))));
  }

  private static boolean has(String address) throws Exception {
    return Command.of("ip", "addr", "show", "dev", "up0").run().contains(address + "/32");
  }

  @Test
  void theNetworksOfAMachineAreThoseOfItsInterfaces() throws Exception {
    Command.of("ip", "addr", "add", "192.0.2.77/32", "dev", "up0").run();
    assertThat(OwnNetworks.all()).contains(Cidr.parse("203.0.113.0/24"));
    assertThat(OwnNetworks.all())
        .noneMatch(each -> each.contains(Ip.parse("192.0.2.77")))
        .noneMatch(each -> each.contains(Ip.parse("127.0.0.1")));
    assertThat(OwnNetworks.device(Ip.parse("203.0.113.200"))).contains("up0");
    assertThat(OwnNetworks.device(Ip.parse("198.51.100.1"))).isEmpty();
  }

  @Test
  void anAddressIsOnTheInterfaceOfItsNetworkWhileThisNodeAnnouncesIt() throws Exception {
    desired.synced(Map.of());
    desired.upsert(Resource.SERVICES, web("pi-1", "203.0.113.50"));
    look();
    assertThat(has("203.0.113.50")).as("it is announced").isTrue();

    desired.upsert(Resource.SERVICES, web("pi-1", "203.0.113.51"));
    look();
    assertThat(has("203.0.113.51") && !has("203.0.113.50")).as("another one").isTrue();

    desired.upsert(Resource.SERVICES, web("pi-2", "203.0.113.51"));
    look();
    assertThat(!has("203.0.113.51")).as("another node has it").isTrue();

    desired.upsert(Resource.SERVICES, web("pi-1", "203.0.113.51"));
    look();
    assertThat(has("203.0.113.51")).as("it comes back").isTrue();
    desired.remove(Resource.SERVICES, WEB);
    look();
    assertThat(!has("203.0.113.51") && Files.notExists(file())).as("the service is gone").isTrue();
  }

  @Test
  void anAgentAfterThisOneKeepsAddressesUntilItKnowsWhoseTheyAre() throws Exception {
    desired.synced(Map.of());
    desired.upsert(Resource.SERVICES, web("pi-1", "203.0.113.50"));
    look();
    assertThat(has("203.0.113.50")).as("it is announced").isTrue();

    begin();
    look();
    assertThat(has("203.0.113.50")).as("before the master has said all").isTrue();
    desired.synced(Map.of());
    look();
    assertThat(!has("203.0.113.50")).as("nobody wants it any more").isTrue();
  }

  @Test
  void aNodeThatTheMasterRefusesLeavesItsAddressesToOthers() throws Exception {
    desired.synced(Map.of());
    desired.upsert(Resource.SERVICES, web("pi-1", "203.0.113.50"));
    look();
    assertThat(has("203.0.113.50")).as("it is announced").isTrue();

    announced.giveUp();
    look();
    assertThat(has("203.0.113.50")).as("what it knows of services does not count").isFalse();

    announced.takeUp();
    look();
    assertThat(has("203.0.113.50")).as("the master has said it anew").isTrue();
  }

  @Test
  void whatOthersTookIsPutBackAndWhatOthersPutStays() throws Exception {
    Command.of("ip", "addr", "add", "203.0.113.77/32", "dev", "up0").run();
    desired.synced(Map.of());
    desired.upsert(Resource.SERVICES, web("pi-1", "203.0.113.50"));
    look();
    assertThat(has("203.0.113.50")).as("it is announced").isTrue();
    Command.of("ip", "addr", "del", "203.0.113.50/32", "dev", "up0").run();
    look();
    assertThat(has("203.0.113.50")).isTrue();

    AnnouncedAddresses.purge(ip, file());
    assertThat(has("203.0.113.50")).isFalse();
    assertThat(has("203.0.113.77")).as("somebody's own").isTrue();
  }

  @Test
  void anAddressOfNoNetworkOfThisNodeIsLeftOut() throws Exception {
    desired.synced(Map.of());
    desired.upsert(Resource.SERVICES, web("pi-1", "192.0.2.9"));
    look();
    assertThat(Command.of("ip", "addr").run()).doesNotContain("192.0.2.9");
    assertThat(file()).doesNotExist();
  }
}
