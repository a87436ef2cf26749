package dev.wherry.master.admission;

import java.util.function.Supplier;

/**
 * The write that the current thread makes: what a step of admission holds for it is let go when it
 * is done or has failed. A write that is tried again passes admission again; then the former hold
 * ends. Confined to one thread.
 */
public final class WriteUnderWay {
  private static final ScopedValue<WriteUnderWay> CURRENT = ScopedValue.newInstance();
  private static final Runnable NOTHING = () -> {};

  private Runnable release = NOTHING;

  private WriteUnderWay() {}

  /** Makes the write on this thread. */
  public static <T> T of(Supplier<T> write) {
    WriteUnderWay current = new WriteUnderWay();
    return ScopedValue.where(CURRENT, current)
        .call(
            () -> {
              try {
                return write.get();
              } finally {
                current.release.run();
              }
            });
  }

  /** Whether anybody will say that the write is over. */
  static boolean isKnown() {
    return CURRENT.isBound();
  }

  /** Ends what was held for this write before. */
  static void letGo() {
    holdUntilOver(NOTHING);
  }

  /** Ends what was held before, and this when the write is over. */
  static void holdUntilOver(Runnable release) {
    if (CURRENT.isBound()) {
      WriteUnderWay current = CURRENT.get();
      current.release.run();
      current.release = release;
    }
  }
}
