package dev.wherry.master.reconcile;

/**
 * Something that keeps one aspect of the cluster as it should be. Made before the informers start,
 * so that it can listen to them; started once they hold what there is.
 */
public interface Controller extends AutoCloseable {
  void start();

  @Override
  void close();
}
