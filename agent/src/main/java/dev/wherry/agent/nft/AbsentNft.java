package dev.wherry.agent.nft;

/** No nftables: this machine's kernel has none, or does not let us. Immutable. */
public final class AbsentNft implements Nft {
  @Override
  public boolean isUsable() {
    return false;
  }

  @Override
  public String run(String commands) throws RejectedException {
    throw new RejectedException("nftables cannot be used on this machine");
  }

  @Override
  public String elements(String table, String set) throws RejectedException {
    return run("");
  }

  @Override
  public void close() {}
}
