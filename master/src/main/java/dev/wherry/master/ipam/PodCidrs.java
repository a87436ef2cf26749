package dev.wherry.master.ipam;

import dev.wherry.api.address.Cidr;
import java.util.Optional;

/** The parts of the pod network that nodes get, one each. Confined to one thread at a time. */
public final class PodCidrs {
  private final Cidr block;
  private final int prefixLength;
  private final NumberPool pool;

  /** The block divided into parts of this prefix length. */
  public PodCidrs(Cidr block, int prefixLength) {
    this.block = block;
    this.prefixLength = prefixLength;
    this.pool = new NumberPool(1 << (prefixLength - block.prefixBits()), 0);
  }

  public Optional<Cidr> takeFree(String owner) {
    var number = pool.takeFree(owner);
    return number.isPresent() ? Optional.of(part(number.getAsInt())) : Optional.empty();
  }

  /**
   * Takes note of a part that an owner has; false when another has it. What is no part of ours is
   * nobody's business.
   */
  public boolean take(String cidr, String owner) {
    Optional<Integer> number = number(cidr);
    return number.isEmpty() || pool.take(number.get(), owner);
  }

  public void free(String cidr, String owner) {
    number(cidr).ifPresent(number -> pool.free(number, owner));
  }

  private Cidr part(int number) {
    return block.part(number, prefixLength);
  }

  private Optional<Integer> number(String text) {
    return Cidr.find(text)
        .filter(cidr -> cidr.prefixBits() == prefixLength && block.contains(cidr.base()))
        .map(cidr -> (int) block.number(cidr));
  }
}
