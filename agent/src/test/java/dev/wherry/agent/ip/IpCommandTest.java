package dev.wherry.agent.ip;

/** The contract by programs. */
class IpCommandTest extends IpContract {
  @Override
  IpLayer open() {
    return new IpCommand();
  }
}
