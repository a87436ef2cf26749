package dev.wherry.master.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the API does in a second, asked over TLS from a process of its own; and etcd, written to
 * through its own API with the same objects, as the floor. Each line says what the server's
 * processor time a request is, too: that hardly changes with what else the machine does.
 *
 * <p>Arguments: {@code api KUBECONFIG PID} or {@code etcd PORT PID}.
 */
final class ApiBench {
  private static final int CLIENTS = 8;
  private static final int OBJECTS = 2000;
  private static final int LISTED = 1000;
  private static final int WATCHES = 1000;
  private static final int WATCHES_A_CONNECTION = 100;
  private static final String DATA = "x".repeat(1024);

  private static final Pattern HEAP_USED =
      Pattern.compile("(?:DefNew|Tenured)\\s+total \\d+K, used (\\d+)K");

  private final long pid;

  private ApiBench(long pid) {
    this.pid = pid;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("etcd")) {
      try (EtcdClient etcd = new EtcdClient(Integer.parseInt(arguments[1]))) {
        new ApiBench(Long.parseLong(arguments[2])).etcd(etcd);
      }
    } else {
      try (Api api = Api.of(Path.of(arguments[1]))) {
        new ApiBench(Long.parseLong(arguments[2])).api(api);
      }
    }
    System.exit(0); // clients' threads linger
  }

  /** One call; its number is its own. */
  private interface Call {
    void run(int number) throws Exception;
  }

  private void measure(String what, int calls, int clients, Call call) throws Exception {
    long[] nanos = new long[calls];
    AtomicInteger next = new AtomicInteger();
    List<CompletableFuture<Void>> runs = new ArrayList<>();
    long processorStart = processorNanos();
    long start = System.nanoTime();
    for (int i = 0; i < clients; i++) {
      CompletableFuture<Void> run = new CompletableFuture<>();
      runs.add(run);
      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  for (int n = next.getAndIncrement(); n < calls; n = next.getAndIncrement()) {
                    long began = System.nanoTime();
                    call.run(n);
                    nanos[n] = System.nanoTime() - began;
                  }
                  run.complete(null);
                } catch (Exception e) {
                  run.completeExceptionally(e);
                }
              });
    }
    for (CompletableFuture<Void> run : runs) {
      run.get();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double processor = (processorNanos() - processorStart) / 1e6 / calls;
    Arrays.sort(nanos);
    System.out.printf(
        "%-22s %2d clients  %8.0f/s  p50 %7.2f ms  p99 %7.2f ms  processor %6.2f ms%n",
        what,
        clients,
        calls / seconds,
        nanos[calls / 2] / 1e6,
        nanos[calls * 99 / 100] / 1e6,
        processor);
  }

  /** What the server has taken of processors so far, in steps of 10 ms. */
  private long processorNanos() {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow(() -> new IllegalStateException("process " + pid + " tells no time"))
        .toNanos();
  }

  private static byte[] object(String name) {
    return Json.write(
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "ConfigMap",
            "metadata",
            Obj.of("name", name, "labels", Obj.of("app", "bench")),
            "data",
            Obj.of("value", DATA)));
  }

  /** For a scheduler that there is not: creating it is measured alone. */
  private static byte[] pod(String name) {
    Obj container =
        Obj.of(
            "name",
            "c",
            "image",
            "hello:1",
            "ports",
            List.of(Obj.of("containerPort", 8080)),
            "resources",
            Obj.of("requests", Obj.of("cpu", "10m", "memory", "20Mi")));
    return Json.write(
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Pod",
            "metadata",
            Obj.of("name", name, "labels", Obj.of("app", "bench")),
            "spec",
            Obj.of("schedulerName", "nobody", "containers", List.of(container))));
  }

  private void etcd(EtcdClient etcd) throws Exception {
    measure("warm-up", 500, CLIENTS, n -> etcd.put("/warm/" + n, object("w" + n)));
    measure("etcd put", OBJECTS, CLIENTS, n -> etcd.put("/bench/" + n, object("o" + n)));
    measure("etcd put", OBJECTS / 4, 1, n -> etcd.put("/one/" + n, object("o" + n)));
    measure("etcd get", 2 * OBJECTS, CLIENTS, n -> etcd.get("/bench/" + n % OBJECTS));
    measure("etcd put again", OBJECTS, CLIENTS, n -> etcd.put("/bench/" + n, object("p" + n)));
    for (int n = 0; n < LISTED; n++) {
      etcd.put("/list/" + n, object("l" + n));
    }
    measure("etcd list of 1,000", 50, 2, _ -> etcd.list("/list/"));
  }

  private void api(Api api) throws Exception {
    System.out.println("resident at the start   " + residentKilobytes() / 1024 + " MB");
    for (String name : List.of("bench", "list")) {
      api.post("/api/v1/namespaces", Json.write(Obj.of("metadata", Obj.of("name", name))));
    }
    String maps = "/api/v1/namespaces/bench/configmaps";
    String pods = "/api/v1/namespaces/bench/pods";
    String listed = "/api/v1/namespaces/list/configmaps";
    measure("warm-up", 1000, CLIENTS, n -> api.post(maps, object("w" + n)));
    measure("create", OBJECTS, CLIENTS, n -> api.post(maps, object("o" + n)));
    measure("create", OBJECTS / 4, 1, n -> api.post(maps, object("one" + n)));
    measure("get", 2 * OBJECTS, CLIENTS, n -> api.get(maps + "/o" + n % OBJECTS));
    measure(
        "patch (merge)",
        OBJECTS,
        CLIENTS,
        n -> api.patch(maps + "/o" + n, "{\"data\":{\"number\":\"" + n + "\"}}"));
    measure(
        "apply",
        OBJECTS,
        CLIENTS,
        n -> api.apply(maps + "/o" + n + "?fieldManager=bench&force=true", object("o" + n)));
    measure("create a pod", OBJECTS, CLIENTS, n -> api.post(pods, pod("p" + n)));
    for (int n = 0; n < LISTED; n++) {
      api.post(listed, object("l" + n));
    }
    measure("list of 1,000", 50, 2, _ -> api.get(listed));
    measure("list of 1,000, gzip", 50, 2, _ -> api.getCompressed(listed));
    watches(api, listed);
  }

  private void watches(Api api, String path) throws Exception {
    long before = liveKilobytes();
    CountDownLatch opened = new CountDownLatch(WATCHES);
    CountDownLatch told = new CountDownLatch(WATCHES);
    AtomicLong failed = new AtomicLong();
    List<HttpClient> clients = new ArrayList<>();
    for (int i = 0; i < WATCHES; i++) {
      if (i % WATCHES_A_CONNECTION == 0) {
        clients.add(api.client());
        clients
            .getLast()
            .send(api.request("/version").build(), BodyHandlers.discarding()); // connects
      }
      var _ =
          clients
              .getLast()
              .sendAsync(
                  api.request(path + "?watch=true&fieldSelector=metadata.name%3Dseen").build(),
                  BodyHandlers.ofPublisher())
              .whenComplete(
                  (response, problem) -> {
                    if (problem != null) {
                      System.err.println(problem);
                      failed.incrementAndGet();
                    } else {
                      response.body().subscribe(new Lines(told));
                    }
                    opened.countDown();
                  });
    }
    if (!opened.await(120, TimeUnit.SECONDS) || failed.get() > 0) {
      throw new IOException(failed + " of the watches failed");
    }
    long after = liveKilobytes();
    System.out.printf(
        "%d idle watches       %.1f KB of live heap each%n",
        WATCHES, (after - before) / (double) WATCHES);
    long start = System.nanoTime();
    api.post(path, object("seen"));
    if (!told.await(60, TimeUnit.SECONDS)) {
      throw new IOException(told.getCount() + " watches heard nothing");
    }
    System.out.printf(
        "an event to all of them %d ms%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    System.out.println("resident at the end     " + residentKilobytes() / 1024 + " MB");
  }

  /** Says once that something came. */
  private static final class Lines
      implements java.util.concurrent.Flow.Subscriber<List<java.nio.ByteBuffer>> {
    private final CountDownLatch told;
    private boolean heard;

    Lines(CountDownLatch told) {
      this.told = told;
    }

    @Override
    public void onSubscribe(java.util.concurrent.Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<java.nio.ByteBuffer> item) {
      if (!heard && item.stream().anyMatch(java.nio.ByteBuffer::hasRemaining)) {
        heard = true;
        told.countDown();
      }
    }

    @Override
    public void onError(Throwable problem) {}

    @Override
    public void onComplete() {}
  }

  /**
   * What lives on the server's heap, after a full collection. Resident memory would tell nothing of
   * what is opened late: the heap has grown by the lists before it, and keeps its pages.
   */
  private long liveKilobytes() throws IOException, InterruptedException {
    jcmd("GC.run");
    // Such as "Tenured    total 21888K, used 13142K [...)", one line a generation.
    Matcher used = HEAP_USED.matcher(jcmd("GC.heap_info"));
    long kilobytes = 0;
    while (used.find()) {
      kilobytes += Long.parseLong(used.group(1));
    }
    if (kilobytes == 0) {
      throw new IOException("process " + pid + " tells no heap");
    }
    return kilobytes;
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Path program = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(program.toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + said);
    }
    return said;
  }

  private long residentKilobytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("process " + pid + " tells no memory");
  }

  /** A client with an administrator's kubeconfig. */
  private record Api(String server, javax.net.ssl.SSLContext tls, HttpClient http)
      implements AutoCloseable {
    static Api of(Path kubeconfig) throws Exception {
      var config = io.fabric8.kubernetes.client.Config.fromKubeconfig(Files.readString(kubeconfig));
      var trust = io.fabric8.kubernetes.client.internal.SSLUtils.trustManagers(config);
      var keys = io.fabric8.kubernetes.client.internal.SSLUtils.keyManagers(config);
      var tls = io.fabric8.kubernetes.client.internal.SSLUtils.sslContext(keys, trust);
      String server = config.getMasterUrl().replaceAll("/$", "");
      return new Api(server, tls, HttpClient.newBuilder().sslContext(tls).build());
    }

    HttpClient client() {
      return HttpClient.newBuilder().sslContext(tls).build();
    }

    HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create(server + path));
    }

    private byte[] send(HttpRequest request) throws IOException, InterruptedException {
      HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
      if (response.statusCode() >= 300 && response.statusCode() != 409) {
        throw new IOException(response.statusCode() + " " + new String(response.body(), UTF_8));
      }
      return response.body();
    }

    byte[] get(String path) throws IOException, InterruptedException {
      return send(request(path).build());
    }

    /** As Go's clients ask. */
    byte[] getCompressed(String path) throws IOException, InterruptedException {
      return send(request(path).header("accept-encoding", "gzip").build());
    }

    void post(String path, byte[] body) throws IOException, InterruptedException {
      send(
          request(path)
              .header("content-type", "application/json")
              .POST(BodyPublishers.ofByteArray(body))
              .build());
    }

    void apply(String path, byte[] body) throws IOException, InterruptedException {
      send(
          request(path)
              .header("content-type", "application/apply-patch+yaml")
              .method("PATCH", BodyPublishers.ofByteArray(body))
              .build());
    }

    void patch(String path, String body) throws IOException, InterruptedException {
      send(
          request(path)
              .header("content-type", "application/merge-patch+json")
              .method("PATCH", BodyPublishers.ofString(body))
              .build());
    }

    @Override
    public void close() {
      http.shutdownNow();
    }
  }
}
