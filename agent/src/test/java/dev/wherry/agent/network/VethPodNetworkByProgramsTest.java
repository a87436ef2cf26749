package dev.wherry.agent.network;

import dev.wherry.agent.ip.IpCommand;
import dev.wherry.agent.ip.IpLayer;

/** The same where system calls cannot be made and programs do it. */
class VethPodNetworkByProgramsTest extends VethPodNetworkTest {
  @Override
  IpLayer openIp() {
    return new IpCommand();
  }
}
