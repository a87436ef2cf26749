package dev.wherry.agent.nft;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * nftables in this process, through {@code libnftables.so.1}: a small transaction takes a fifth of
 * a millisecond, a process for it fifteen. All calls run on one platform thread, which lives in the
 * network namespace of the thread that opened this. Thread-safe.
 */
public final class LibNftables implements Nft {
  private static final String LIBRARY = "libnftables.so.1";

  /** The parser wants more stack than the small default that agents run with. */
  private static final long STACK_BYTES = 2 << 20;

  /** {@code NFT_CTX_OUTPUT_TERSE}: listings leave the elements of sets out. */
  private static final int TERSE = 1 << 11;

  private static final int WITH_ELEMENTS = 0;

  private final Functions functions;
  private final ExecutorService thread;

  /** Confined to the thread. */
  private MemorySegment context = MemorySegment.NULL;

  /** The library's functions that are used here (libnftables(3)). */
  private record Functions(
      MethodHandle contextNew,
      MethodHandle contextFree,
      MethodHandle bufferOutput,
      MethodHandle bufferError,
      MethodHandle setOutputFlags,
      MethodHandle runCommands,
      MethodHandle output,
      MethodHandle error) {}

  private LibNftables(Functions functions) {
    this.functions = functions;
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread platform = new Thread(null, task, "nftables", STACK_BYTES);
              platform.setDaemon(true);
              return platform;
            });
  }

  /**
   * @throws IOException when the library is not on this machine or is another than expected
   */
  public static LibNftables open() throws IOException {
    try {
      SymbolLookup library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
      FunctionDescriptor int1 = FunctionDescriptor.of(JAVA_INT, ADDRESS);
      FunctionDescriptor text = FunctionDescriptor.of(ADDRESS, ADDRESS);
      LibNftables nft =
          new LibNftables(
              new Functions(
                  bind(library, "nft_ctx_new", FunctionDescriptor.of(ADDRESS, JAVA_INT)),
                  bind(library, "nft_ctx_free", FunctionDescriptor.ofVoid(ADDRESS)),
                  bind(library, "nft_ctx_buffer_output", int1),
                  bind(library, "nft_ctx_buffer_error", int1),
                  bind(
                      library,
                      "nft_ctx_output_set_flags",
                      FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT)),
                  bind(
                      library,
                      "nft_run_cmd_from_buffer",
                      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)),
                  bind(library, "nft_ctx_get_output_buffer", text),
                  bind(library, "nft_ctx_get_error_buffer", text)));
      // The thread starts here, while the opener's network namespace is the current one.
      nft.thread.submit(() -> {}).get();
      return nft;
    } catch (IllegalArgumentException | NoSuchElementException e) {
      throw new IOException(LIBRARY + " cannot be used: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private static MethodHandle bind(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
  }

  @Override
  public String run(String commands) throws IOException, InterruptedException {
    return await(thread.submit(() -> runHere(commands, TERSE)));
  }

  @Override
  public void runEach(List<Supplier<String>> transactions)
      throws IOException, InterruptedException {
    Future<String> running = CompletableFuture.completedFuture("");
    for (Supplier<String> each : transactions) {
      String next = each.get();
      await(running);
      running = thread.submit(() -> runHere(next, TERSE));
    }
    await(running);
  }

  @Override
  public String elements(String table, String set) throws IOException, InterruptedException {
    String command = "list set " + table + " " + set + "\n";
    return await(thread.submit(() -> runHere(command, WITH_ELEMENTS)));
  }

  private static String await(Future<String> answer) throws IOException, InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RejectedException rejected) {
        throw new RejectedException(String.valueOf(rejected.getMessage()));
      }
      throw new IOException(e.getCause());
    }
  }

  private String runHere(String commands, int flags) throws RejectedException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment open = openContext();
      functions.setOutputFlags.invokeExact(open, flags);
      int failed = (int) functions.runCommands.invokeExact(open, arena.allocateFrom(commands));
      // Both buffers begin anew when they are read.
      String error = text((MemorySegment) functions.error.invokeExact(open));
      String output = text((MemorySegment) functions.output.invokeExact(open));
      if (failed != 0) {
        closeContext(); // what it believes about the kernel may have been the mistake
        throw new RejectedException(error.strip());
      }
      return output;
    } catch (RejectedException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the call into " + LIBRARY + " failed", e);
    }
  }

  /**
   * The context that transactions share: it knows the table's sets and chains and asks the kernel
   * again when others have changed something. A new one for each takes four times as long.
   */
  private MemorySegment openContext() throws Throwable {
    if (context.equals(MemorySegment.NULL)) {
      MemorySegment fresh = (MemorySegment) functions.contextNew.invokeExact(0);
      if (fresh.equals(MemorySegment.NULL)) {
        throw new RejectedException("no netlink socket could be had");
      }
      int _ = (int) functions.bufferOutput.invokeExact(fresh);
      int _ = (int) functions.bufferError.invokeExact(fresh);
      context = fresh;
    }
    return context;
  }

  private void closeContext() {
    MemorySegment last = context;
    context = MemorySegment.NULL;
    if (!last.equals(MemorySegment.NULL)) {
      try {
        functions.contextFree.invokeExact(last);
      } catch (Throwable e) {
        throw new IllegalStateException("the call into " + LIBRARY + " failed", e);
      }
    }
  }

  private static String text(MemorySegment string) {
    return string.equals(MemorySegment.NULL) ? "" : string.reinterpret(Long.MAX_VALUE).getString(0);
  }

  @Override
  public void close() {
    thread.execute(this::closeContext);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
