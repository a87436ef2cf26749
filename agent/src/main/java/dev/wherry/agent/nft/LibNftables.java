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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

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

  private final Functions functions;
  private final ExecutorService thread;

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
    } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
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
    Future<String> answer = thread.submit(() -> runHere(commands));
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RejectedException rejected) {
        throw new RejectedException(String.valueOf(rejected.getMessage()));
      }
      throw new IOException(e.getCause());
    }
  }

  /**
   * A context for each transaction: it caches what it saw, and others change tables as well. Making
   * one costs little, and its memory goes back.
   */
  private String runHere(String commands) throws RejectedException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment context = (MemorySegment) functions.contextNew.invokeExact(0);
      if (context.equals(MemorySegment.NULL)) {
        throw new RejectedException("no netlink socket could be had");
      }
      try {
        int _ = (int) functions.bufferOutput.invokeExact(context);
        int _ = (int) functions.bufferError.invokeExact(context);
        functions.setOutputFlags.invokeExact(context, TERSE);
        int failed = (int) functions.runCommands.invokeExact(context, arena.allocateFrom(commands));
        if (failed != 0) {
          throw new RejectedException(
              text((MemorySegment) functions.error.invokeExact(context)).strip());
        }
        return text((MemorySegment) functions.output.invokeExact(context));
      } finally {
        functions.contextFree.invokeExact(context);
      }
    } catch (RejectedException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the call into " + LIBRARY + " failed", e);
    }
  }

  private static String text(MemorySegment string) {
    return string.equals(MemorySegment.NULL) ? "" : string.reinterpret(Long.MAX_VALUE).getString(0);
  }

  @Override
  public void close() {
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
