package dev.wherry.agent.nft;

import dev.wherry.agent.host.Command;
import java.io.IOException;

/** Starts {@code nft} for each transaction: about 15 ms. Immutable. */
public final class NftCommand implements Nft {
  private static final Command COMMAND = Command.of("nft", "-t", "-f", "-");
  private static final Command LISTING = Command.of("nft", "-f", "-");

  @Override
  public String run(String commands) throws IOException, InterruptedException {
    return run(COMMAND, commands);
  }

  @Override
  public String elements(String table, String set) throws IOException, InterruptedException {
    return run(LISTING, "list set " + table + " " + set + "\n");
  }

  private static String run(Command nft, String commands) throws IOException, InterruptedException {
    try {
      return nft.run(commands);
    } catch (Command.FailedException e) {
      throw new RejectedException(e.output());
    }
  }

  @Override
  public void close() {}
}
