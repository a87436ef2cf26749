package dev.wherry.master.store.disk;

/** Waiting for a thread of the store's own, all of which end soon once asked. */
final class Threads {
  private Threads() {}

  static void join(Thread thread) {
    if (thread.equals(Thread.currentThread())) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
