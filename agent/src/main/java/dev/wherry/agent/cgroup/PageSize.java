package dev.wherry.agent.cgroup;

/** How the kernel's control groups name sizes of huge pages: {@code 64KB}, {@code 2MB}. Pure. */
public final class PageSize {
  private static final long KIBI = 1024;

  private PageSize() {}

  /** From the end of a resource's name: {@code 2Mi}. */
  public static String ofResource(String size) {
    return size.endsWith("i") ? size.substring(0, size.length() - 1) + "B" : size;
  }

  /** From a number of bytes. */
  public static String ofBytes(long bytes) {
    long kibi = bytes / KIBI;
    return kibi >= KIBI * KIBI
        ? kibi / KIBI / KIBI + "GB"
        : kibi >= KIBI ? kibi / KIBI + "MB" : kibi + "KB";
  }

  /** As the name of the resource ends: {@code 2Mi}. */
  public static String resource(long bytes) {
    String size = ofBytes(bytes);
    return size.substring(0, size.length() - 1) + "i";
  }
}
