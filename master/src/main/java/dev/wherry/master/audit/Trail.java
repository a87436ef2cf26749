package dev.wherry.master.audit;

import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.User;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The record of one request: who serves it tells it what it learns, and at each stage that the
 * policy wants it writes an event (audit.k8s.io/v1 Event). Thread-safe; {@link #follow} makes it
 * the {@link #current} one of a thread.
 */
public final class Trail {
  /** The longest event; objects that make it longer are left out (Kubernetes: 100 KiB). */
  static final int MAX_EVENT_BYTES = 100 * 1024;

  /** As long as most are. */
  private static final int LINE_BYTES = 1024;

  private static final String TRUNCATED = "audit.k8s.io/truncated";
  private static final Set<String> LONG_SUBRESOURCES =
      Set.of("attach", "exec", "proxy", "log", "portforward");
  private static final ScopedValue<Trail> CURRENT = ScopedValue.newInstance();
  private static final User NOBODY = new User("", "", java.util.List.of(), Map.of());

  /** Records nothing. */
  public static final Trail SILENT =
      new Trail(
          new Asked(
              "",
              "",
              NOBODY,
              "",
              new Attributes.Target.Path(""),
              "",
              java.util.List.of(),
              "",
              Instant.EPOCH),
          AuditPolicy.Decision.NOTHING,
          _ -> {},
          InstantSource.system());

  private final Asked asked;
  private final AuditPolicy.Decision decision;
  private final Audit.Sink sink;
  private final InstantSource clock;
  private final Map<String, String> annotations = new TreeMap<>(); // these guarded by this
  private User impersonated = NOBODY;
  private Obj metadata = Obj.EMPTY;
  private Object requestObject = Obj.EMPTY;
  private Obj responseObject = Obj.EMPTY;
  private Obj status = Obj.EMPTY;
  private boolean refused;
  private boolean over;

  Trail(Asked asked, AuditPolicy.Decision decision, Audit.Sink sink, InstantSource clock) {
    this.asked = asked;
    this.decision = decision;
    this.sink = sink;
    this.clock = clock;
  }

  /** That of the request which this thread serves; a silent one where nobody records. */
  public static Trail current() {
    return CURRENT.orElse(SILENT);
  }

  /** Whether this thread serves a request that has a trail, be it a silent one. */
  public static boolean isFollowed() {
    return CURRENT.isBound();
  }

  /** Serves the request on this thread, with this the current trail. */
  public <T, X extends Throwable> T follow(ScopedValue.CallableOp<T, X> request) throws X {
    return ScopedValue.where(CURRENT, this).call(request);
  }

  private boolean records(Level level) {
    return decision.level().includes(level);
  }

  /** A word of who decides about the request, such as authorization. The first one stays. */
  public synchronized void annotate(String key, String value) {
    if (records(Level.METADATA)) {
      annotations.putIfAbsent(key, value);
    }
  }

  /** Whom the client is taken for. */
  public synchronized void impersonates(User user) {
    impersonated = user;
  }

  /** The object, or the patch, that the request carries. */
  public synchronized void asksWith(Object object) {
    if (records(Level.METADATA) && object instanceof Obj tree) {
      metadata = tree.obj("metadata");
    }
    if (records(Level.REQUEST)) {
      requestObject = object;
    }
  }

  /** The object that the answer carries. */
  public synchronized void answersWith(Obj object) {
    if (records(Level.METADATA) && metadata.string("name").isEmpty()) {
      metadata = object.obj("metadata");
    }
    if (records(Level.REQUEST_RESPONSE)) {
      responseObject = object;
    }
  }

  synchronized void received() {
    write(Stage.REQUEST_RECEIVED);
  }

  /** The answer has begun, with this code. */
  public synchronized void started(int code) {
    if (!refused) {
      status = Obj.of("metadata", Obj.EMPTY, "code", code);
    }
    if (isLong()) {
      write(Stage.RESPONSE_STARTED);
    }
  }

  /** The request is refused. */
  public synchronized void refused(StatusException why) {
    refused = true;
    status = why.toStatus().without("kind").without("apiVersion");
  }

  /** The answer is complete, or given up. Only the first time counts. */
  public synchronized void complete() {
    write(Stage.RESPONSE_COMPLETE);
    over = true;
  }

  /** The server failed to serve it. */
  public synchronized void failed(StatusException how) {
    refused(how);
    write(Stage.PANIC);
    over = true;
  }

  private boolean isLong() {
    return asked.verb().equals("watch")
        || asked.target() instanceof Attributes.Target.Resource resource
            && LONG_SUBRESOURCES.contains(resource.subresource());
  }

  private void write(Stage stage) {
    if (over || !records(Level.METADATA) || decision.omitted().contains(stage)) {
      return;
    }
    boolean withObjects = stage == Stage.RESPONSE_COMPLETE;
    byte[] line = line(event(stage, withObjects ? bodies() : Obj.EMPTY));
    if (line.length > MAX_EVENT_BYTES) {
      annotations.put(TRUNCATED, "true");
      line = line(event(stage, Obj.EMPTY));
    }
    sink.write(line);
  }

  private static byte[] line(Obj event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(LINE_BYTES);
    Json.write(event, line);
    line.write('\n');
    return line.toByteArray();
  }

  private Obj bodies() {
    Obj.Builder bodies = Obj.builder();
    if (!requestObject.equals(Obj.EMPTY)) {
      bodies.put("requestObject", recorded(requestObject));
    }
    if (!responseObject.isEmpty()) {
      bodies.put("responseObject", recorded(responseObject));
    }
    return bodies.build();
  }

  private Object recorded(Object body) {
    return decision.managedFields() == AuditPolicy.ManagedFields.OMITTED && body instanceof Obj tree
        ? tree.change("metadata", each -> each.without("managedFields"))
        : body;
  }

  private Obj event(Stage stage, Obj bodies) {
    Obj.Builder event =
        Obj.builder()
            .put("kind", "Event")
            .put("apiVersion", "audit.k8s.io/v1")
            .put("level", decision.level().text())
            .put("auditID", asked.id())
            .put("stage", stage.text())
            .put("requestURI", asked.uri())
            .put("verb", asked.verb())
            .put("user", user(asked.user()));
    if (!impersonated.name().isEmpty()) {
      event.put("impersonatedUser", user(impersonated));
    }
    event.putUnlessEmpty("sourceIPs", asked.addresses());
    event.putUnlessEmpty("userAgent", asked.userAgent());
    event.putUnlessEmpty("objectRef", reference());
    if (stage != Stage.REQUEST_RECEIVED) {
      event.putUnlessEmpty("responseStatus", status);
    }
    bodies.forEach(each -> event.put(each.key(), each.value()));
    return event
        .put("requestReceivedTimestamp", Meta.Times.formatMicro(asked.received()))
        .put("stageTimestamp", Meta.Times.formatMicro(clock.instant()))
        .putUnlessEmpty("annotations", Obj.of(annotations))
        .build();
  }

  private static Obj user(User user) {
    return Obj.builder()
        .putUnlessEmpty("username", user.name())
        .putUnlessEmpty("uid", user.uid())
        .putUnlessEmpty("groups", user.groups())
        .putUnlessEmpty("extra", Obj.of(new TreeMap<>(user.extra())))
        .build();
  }

  private Obj reference() {
    if (!(asked.target() instanceof Attributes.Target.Resource target)) {
      return Obj.EMPTY;
    }
    String name = target.key().name();
    return Obj.builder()
        .put("resource", target.resource().resource())
        .putUnlessEmpty("namespace", target.key().namespace())
        .putUnlessEmpty("name", name.isEmpty() ? metadata.string("name") : name)
        .putUnlessEmpty("uid", metadata.string("uid"))
        .putUnlessEmpty("apiGroup", target.resource().group())
        .putUnlessEmpty("apiVersion", asked.version())
        .putUnlessEmpty("resourceVersion", metadata.string("resourceVersion"))
        .putUnlessEmpty("subresource", target.subresource())
        .build();
  }
}
