package dev.wherry.master.ipam;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.Optional;

/**
 * Cluster IPs. Network and broadcast address are nobody's, the first address is the {@code
 * kubernetes} service's; the lower part is left to services that name their address (Kubernetes:
 * Service ClusterIP allocation). Confined to one thread at a time.
 */
public final class ClusterIps {
  private static final int MIN_STATIC = 16;
  private static final int MAX_STATIC = 256;

  /** Of a larger range the first so many are used: a bound on memory. */
  private static final int MAX_SIZE = 1 << 20;

  private final Cidr block;
  private final NumberPool pool;

  /**
   * The pool of this block.
   *
   * @param apiServiceOwner the one owner that may have the first address
   */
  public ClusterIps(Cidr block, String apiServiceOwner) {
    this.block = block;
    int size = (int) Math.min(block.size(), MAX_SIZE);
    int named = Math.min(Math.max(MIN_STATIC, size / 16), MAX_STATIC);
    this.pool = new NumberPool(size, named < size / 2 ? named : 2);
    pool.take(0, "network");
    pool.take(size - 1, "broadcast");
    pool.take(1, apiServiceOwner);
  }

  public boolean contains(String address) {
    return Ip.find(address).filter(ip -> isHandedOut(block.offset(ip))).isPresent();
  }

  /** Takes this address, which the block contains; false when another owner has it. */
  public boolean take(String address, String owner) {
    return pool.take(number(address), owner);
  }

  public boolean isHeldBy(String address, String owner) {
    return contains(address) && pool.owner(number(address)).filter(owner::equals).isPresent();
  }

  public Optional<String> takeFree(String owner) {
    var number = pool.takeFree(owner);
    return number.isPresent() ? Optional.of(block.at(number.getAsInt()).text()) : Optional.empty();
  }

  public void free(String address, String owner) {
    if (contains(address) && number(address) != 1) {
      pool.free(number(address), owner);
    }
  }

  private int number(String address) {
    long offset = block.offset(Ip.parse(address));
    if (!isHandedOut(offset)) {
      throw new IllegalArgumentException(address + " is not in " + block);
    }
    return (int) offset;
  }

  private boolean isHandedOut(long offset) {
    return offset >= 0 && offset < pool.size();
  }

  @Override
  public String toString() {
    return block.toString();
  }
}
