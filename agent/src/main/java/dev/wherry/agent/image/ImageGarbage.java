package dev.wherry.agent.image;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Decides which images go (kubelet: image garbage collection). Pure. */
final class ImageGarbage {
  /** Younger ones stay: their pod may be about to start. */
  static final Duration MINIMUM_AGE = Duration.ofMinutes(2);

  private ImageGarbage() {}

  /**
   * @param highPercent from which on images go; 100: never
   * @param lowPercent down to which they do
   * @param maximumAge zero: none
   */
  record Limits(int highPercent, int lowPercent, Duration maximumAge) {}

  /** Of the file system that images are on. */
  record Disk(long capacityBytes, long availableBytes) {
    long usedPercent() {
      return capacityBytes <= 0 ? 0 : 100 - availableBytes * 100 / capacityBytes;
    }
  }

  /**
   * An image that is here.
   *
   * @param detected when it was seen first; the epoch for what an agent found at its start
   * @param lastUsed by a container; the epoch: never as far as this agent knows
   * @param kept in use, or loaded from an archive of the node's
   */
  record Candidate(String id, long sizeBytes, Instant detected, Instant lastUsed, boolean kept) {}

  /**
   * What goes, in its order.
   *
   * @param wantedBytes that must become free; 0: the disk is fine
   * @param foundBytes that what goes frees at most
   */
  record Plan(List<String> remove, long wantedBytes, long foundBytes) {}

  static Plan plan(Limits limits, Disk disk, List<Candidate> images, Instant now) {
    long wanted =
        limits.highPercent() < 100 && disk.usedPercent() >= limits.highPercent()
            ? disk.capacityBytes() * (100 - limits.lowPercent()) / 100 - disk.availableBytes()
            : 0;
    List<Candidate> free =
        images.stream()
            .filter(each -> !each.kept())
            .filter(each -> !each.detected().plus(MINIMUM_AGE).isAfter(now))
            .sorted(Comparator.comparing(Candidate::lastUsed).thenComparing(Candidate::detected))
            .toList();
    List<String> remove = new ArrayList<>();
    long found = 0;
    for (Candidate each : free) {
      if (found < wanted || isTooOld(limits, each, now)) {
        remove.add(each.id());
        found += each.sizeBytes();
      }
    }
    return new Plan(remove, Math.max(0, wanted), found);
  }

  /** Unused for so long since it was used last or, never used, since it came. */
  private static boolean isTooOld(Limits limits, Candidate image, Instant now) {
    Instant since =
        image.lastUsed().isAfter(image.detected()) ? image.lastUsed() : image.detected();
    return !limits.maximumAge().isZero()
        && !since.equals(Instant.EPOCH)
        && !since.plus(limits.maximumAge()).isAfter(now);
  }
}
