package dev.wherry.master.audit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of events, and older ones beside it: {@code audit.log}, and {@code
 * audit-2026-01-31T12-00-00.000.log.gz} for each time that it grew too long.
 *
 * <p>Lines are gathered for a second and written together, so that a card is written seldom; what a
 * power cut takes is at most what came since and what the kernel had not written yet. A request
 * waits where more than {@link #MAX_GATHERED_BYTES} have gathered: nothing is dropped, but where
 * the disk refuses it, and that is said in the log. With nothing to write no thread wakes up.
 *
 * <p>Thread-safe.
 */
public final class AuditLog implements Audit.Sink, AutoCloseable {
  /** What is gathered before those who write have to wait. */
  static final int MAX_GATHERED_BYTES = 256 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Duration GATHERING = Duration.ofSeconds(1);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss.SSS").withZone(ZoneOffset.UTC);

  /**
   * Where and how much.
   *
   * @param maxBytes of the file before another is begun
   * @param maxBackups how many older files are kept, compressed
   */
  public record Options(Path file, long maxBytes, int maxBackups) {
    public static final long DEFAULT_MAX_BYTES = 10L << 20;
    public static final int DEFAULT_MAX_BACKUPS = 10;

    public Options {
      if (maxBytes < 1 || maxBackups < 0) {
        throw new IllegalArgumentException(
            "an audit log of " + maxBytes + " bytes and " + maxBackups + " backups");
      }
    }
  }

  private final Options options;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private ByteArrayOutputStream gathered = new ByteArrayOutputStream(); // guarded by lock
  private boolean closing; // guarded by lock
  private OutputStream out; // the writer's alone from here
  private long length;
  private Thread tidying = Thread.ofVirtual().unstarted(() -> {});
  private final Thread writer;

  private AuditLog(Options options, InstantSource clock) throws IOException {
    this.options = options;
    this.clock = clock;
    this.out = append();
    this.writer = Thread.ofVirtual().name("audit-log").unstarted(this::run);
  }

  /**
   * Opens the file, or begins it, for its owner alone.
   *
   * @throws IOException with a message for the user
   */
  public static AuditLog open(Options options, InstantSource clock) throws IOException {
    Path directory = Objects.requireNonNull(options.file().toAbsolutePath().getParent());
    try {
      Files.createDirectories(directory);
      AuditLog log = new AuditLog(options, clock);
      log.writer.start();
      return log;
    } catch (IOException e) {
      throw new IOException("cannot write the audit log " + options.file() + ": " + e, e);
    }
  }

  private OutputStream append() throws IOException {
    Path file = options.file();
    if (!Files.exists(file)) {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    length = Files.size(file);
    return Files.newOutputStream(file, StandardOpenOption.APPEND);
  }

  @Override
  public void write(byte[] line) {
    lock.lock();
    try {
      while (gathered.size() >= MAX_GATHERED_BYTES && !closing) {
        changed.awaitUninterruptibly();
      }
      boolean first = gathered.size() == 0;
      gathered.writeBytes(line);
      if (first || gathered.size() >= MAX_GATHERED_BYTES) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    tidy();
    boolean ending = false;
    while (!ending) {
      byte[] batch;
      lock.lock();
      try {
        while (gathered.size() == 0 && !closing) {
          changed.awaitUninterruptibly();
        }
        gather();
        batch = gathered.toByteArray();
        gathered = new ByteArrayOutputStream();
        ending = closing;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      store(batch);
    }
  }

  /** Waits for company for the lines that are there. */
  private void gather() {
    long nanos = GATHERING.toNanos();
    try {
      while (nanos > 0 && gathered.size() < MAX_GATHERED_BYTES && !closing) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      closing = true; // nobody interrupts the writer but a JVM that ends
    }
  }

  private void store(byte[] batch) {
    try {
      if (length > 0 && length + batch.length > options.maxBytes()) {
        rotate();
      }
      out.write(batch);
      length += batch.length;
    } catch (IOException e) {
      LOG.error("audit events of {} bytes are lost: {}", batch.length, e.toString());
    }
  }

  private void rotate() throws IOException {
    out.close();
    String name = prefix() + STAMP.format(clock.instant()) + ".log";
    Files.move(options.file(), options.file().resolveSibling(name));
    out = append();
    tidying = Thread.ofVirtual().name("audit-tidy").start(this::tidy);
  }

  /** {@code audit-} of {@code audit.log}. */
  private String prefix() {
    String name = Objects.toString(options.file().getFileName());
    return (name.endsWith(".log") ? name.substring(0, name.length() - 4) : name) + "-";
  }

  /** Compresses older files that are not, and removes those past their number. */
  private synchronized void tidy() {
    try {
      List<Path> backups = backups();
      while (backups.size() > options.maxBackups()) {
        Files.delete(backups.removeFirst());
      }
      for (Path each : backups) {
        if (each.toString().endsWith(".log")) {
          compress(each);
        }
      }
    } catch (IOException e) {
      LOG.warn("older audit logs beside {} stay as they are: {}", options.file(), e.toString());
    }
  }

  /** The oldest first; modifiable. */
  private List<Path> backups() throws IOException {
    Path directory = Objects.requireNonNull(options.file().toAbsolutePath().getParent());
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(
          files
              .filter(each -> isBackup(Objects.toString(each.getFileName())))
              .sorted(Comparator.comparing(each -> Objects.toString(each.getFileName())))
              .toList());
    }
  }

  private boolean isBackup(String name) {
    return name.startsWith(prefix()) && (name.endsWith(".log") || name.endsWith(".log.gz"));
  }

  private static void compress(Path file) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".gz.new");
    Files.deleteIfExists(draft);
    Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try (InputStream in = Files.newInputStream(file);
        OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(draft))) {
      in.transferTo(gzip);
    }
    Files.move(
        draft, file.resolveSibling(file.getFileName() + ".gz"), StandardCopyOption.ATOMIC_MOVE);
    Files.delete(file);
  }

  /** Writes what has gathered, and ends. */
  @Override
  public void close() throws IOException, InterruptedException {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    writer.join();
    if (tidying.getState() != Thread.State.NEW) {
      tidying.join();
    }
    out.close();
  }
}
