package dev.wherry.agent.nft;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way to nftables that this machine offers. */
public final class Nfts {
  private static final Logger LOG = LoggerFactory.getLogger(Nfts.class);

  private Nfts() {}

  /** The library where it can be loaded, else the program. */
  public static Nft open() {
    try {
      return LibNftables.open();
    } catch (IOException e) {
      LOG.warn("nft is started for every change, which is slower: {}", e.getMessage());
      return new NftCommand();
    }
  }
}
