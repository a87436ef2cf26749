package dev.wherry.agent.nft;

import dev.wherry.agent.host.Command;
import java.io.IOException;

/** Starts {@code nft} for each transaction: about 15 ms. Immutable. */
public final class NftCommand implements Nft {
  private static final Command COMMAND = Command.of("nft", "-t", "-f", "-");

  @Override
  public String run(String commands) throws IOException, InterruptedException {
    try {
      return COMMAND.run(commands);
    } catch (Command.FailedException e) {
      throw new RejectedException(e.output());
    }
  }

  @Override
  public void close() {}
}
