package dev.wherry.agent.nft;

import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** Runs nftables commands in this process's network namespace. Thread-safe. */
public interface Nft extends AutoCloseable {

  /**
   * Runs the commands as one transaction (all or none); what a listing prints, without the elements
   * of sets.
   *
   * @throws RejectedException when nftables refuses it
   */
  String run(String commands) throws IOException, InterruptedException;

  /**
   * Runs transactions one after the other, until one is refused: what came before that stays. Each
   * is made when its turn comes, or while the one before it is carried out.
   *
   * @throws RejectedException when nftables refuses one
   */
  default void runEach(List<Supplier<String>> transactions)
      throws IOException, InterruptedException {
    for (Supplier<String> each : transactions) {
      run(each.get());
    }
  }

  /**
   * What a listing of one set prints, its elements included.
   *
   * @param table with its family: {@code ip wherry-services}
   * @throws RejectedException when there is none
   */
  String elements(String table, String set) throws IOException, InterruptedException;

  /** Whether this machine has nftables at all. */
  default boolean isUsable() {
    return true;
  }

  @Override
  void close();

  /** nftables refused the commands: nothing was changed. The message is its own. */
  final class RejectedException extends IOException {
    private static final long serialVersionUID = 1L;

    public RejectedException(String message) {
      super(message);
    }
  }
}
