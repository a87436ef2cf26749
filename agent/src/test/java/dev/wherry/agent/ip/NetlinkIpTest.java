package dev.wherry.agent.ip;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.linux.Errno;
import dev.wherry.agent.linux.LinuxException;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract by system calls. */
class NetlinkIpTest extends IpContract {
  @Override
  IpLayer open() throws Exception {
    return NetlinkIp.open();
  }

  @Test
  void namesTheKernelsErrors() throws Exception {
    IpChange change =
        new IpChange.PutRoute(
            IpRoute.to(Cidr.parse("10.42.0.0/24"), "lo").via(Ip.parse("192.0.2.99")));
    try (IpLayer ip = NetlinkIp.open()) {
      assertThatThrownBy(() -> ip.apply(List.of(change)))
          .isInstanceOf(LinuxException.class)
          .hasMessageStartingWith("route replace 10.42.0.0/24 via 192.0.2.99 dev lo: E")
          .extracting(e -> ((LinuxException) e).errno())
          .isIn(Errno.EINVAL, 101, 113); // by the kernel's age
    }
  }
}
