package dev.wherry.master.ipam;

import java.util.Optional;

/**
 * Cluster IPs. Network and broadcast address are nobody's, the first address is the {@code
 * kubernetes} service's; the lower part is left to services that name their address (Kubernetes:
 * Service ClusterIP allocation). Confined to one thread at a time.
 */
public final class ClusterIps {
  private static final int MIN_STATIC = 16;
  private static final int MAX_STATIC = 256;

  private final Cidr block;
  private final NumberPool pool;

  /**
   * The pool of this block.
   *
   * @param apiServiceOwner the one owner that may have the first address
   */
  public ClusterIps(Cidr block, String apiServiceOwner) {
    this.block = block;
    int size = (int) block.size();
    int named = Math.min(Math.max(MIN_STATIC, size / 16), MAX_STATIC);
    this.pool = new NumberPool(size, named < size / 2 ? named : 2);
    pool.take(0, "network");
    pool.take(size - 1, "broadcast");
    pool.take(1, apiServiceOwner);
  }

  public boolean contains(String address) {
    return Cidr.address(address).filter(block::contains).isPresent();
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
    return number.isPresent()
        ? Optional.of(Cidr.text(block.base() + number.getAsInt()))
        : Optional.empty();
  }

  public void free(String address, String owner) {
    if (contains(address) && number(address) != 1) {
      pool.free(number(address), owner);
    }
  }

  private int number(String address) {
    return (int)
        (Cidr.address(address)
                .filter(block::contains)
                .orElseThrow(() -> new IllegalArgumentException(address + " is not in " + block))
            - block.base());
  }

  @Override
  public String toString() {
    return block.toString();
  }
}
