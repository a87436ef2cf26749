package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.access.Identity;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each request a virtual thread, so that whatever blocks blocks no event loop, and bounds how
 * many there are: past the bound the answer is 429. Thread-safe.
 */
final class Dispatcher implements RequestHandler.Requests {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  /** Requests that end by themselves. */
  static final int MAX_SHORT_REQUESTS = 200;

  /** Watches, followed logs and streams to pods. */
  static final int MAX_LONG_REQUESTS = 2000;

  /** Serves a request to its end. */
  interface Service {
    void serve(ApiRequest request, Exchange exchange) throws IOException;
  }

  private static final Identity NOBODY = new Identity("", List.of());

  private final Authentication authentication;
  private final Recording recording;
  private final Service service;
  private final BodyBudget bodies = new BodyBudget();
  private final Semaphore shortRequests = new Semaphore(MAX_SHORT_REQUESTS);
  private final Semaphore longRequests = new Semaphore(MAX_LONG_REQUESTS);

  Dispatcher(Authentication authentication, Recording recording, Service service) {
    this.authentication = authentication;
    this.recording = recording;
    this.service = service;
  }

  @Override
  public void serve(HttpRequest head, byte[] body, Exchange exchange) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                answer(head, body, exchange);
              } finally {
                bodies.release(body.length);
              }
            });
  }

  /** From which bodies are taken before they come here; each is given back when it was served. */
  BodyBudget bodies() {
    return bodies;
  }

  private void answer(HttpRequest head, byte[] body, Exchange exchange) {
    try {
      QueryStringDecoder uri = decoder(WatchPath.modern(head.uri()));
      Identity own = own(head, uri, exchange);
      exchange.trail().follow(() -> serve(head, uri, body, own, exchange));
    } catch (StatusException e) {
      exchange.trail().refused(e);
      refuse(head, exchange, e);
    } catch (IllegalArgumentException e) {
      // Netty's words for a query that cannot be decoded, among others.
      LOG.debug("a request was not understood", e);
      StatusException why = StatusException.badRequest(String.valueOf(e.getMessage()));
      exchange.trail().refused(why);
      refuse(head, exchange, why);
    } catch (IOException e) {
      LOG.debug("{} {} ended early: {}", head.method(), head.uri(), e.toString());
      exchange.abort();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      // One request must not end others: what it took is given back with its thread.
      LOG.error("{} {} failed", head.method(), head.uri(), e);
      StatusException how =
          StatusException.of(Reason.INTERNAL_ERROR, "Internal error occurred: " + e);
      exchange.trail().failed(how);
      refuse(head, exchange, how);
    } finally {
      exchange.trail().complete();
    }
  }

  /** Who it is; from here on the request is recorded, be it that nobody proved to be anybody. */
  private Identity own(HttpRequest head, QueryStringDecoder uri, Exchange exchange) {
    try {
      Identity own = authentication.identify(exchange.context().channel(), head.headers());
      recording.begin(head, uri, own, exchange);
      return own;
    } catch (StatusException e) {
      recording.begin(head, uri, NOBODY, exchange);
      throw e;
    }
  }

  private @Nullable Void serve(
      HttpRequest head, QueryStringDecoder uri, byte[] body, Identity own, Exchange exchange)
      throws IOException {
    ApiRequest request =
        new ApiRequest(
            head.method().name(),
            head.uri(),
            uri.path(),
            Query.of(uri),
            head.headers(),
            body,
            authentication.impersonated(own, head.headers()));
    Semaphore permits = isLong(request) ? longRequests : shortRequests;
    if (!permits.tryAcquire()) {
      throw StatusException.of(
          Reason.TOO_MANY_REQUESTS, "too many requests, please try again later");
    }
    try {
      service.serve(request, exchange);
    } finally {
      permits.release();
    }
    return null;
  }

  /** A semicolon is a character like others, not a border between parameters. */
  private static QueryStringDecoder decoder(String uri) {
    return QueryStringDecoder.builder().semicolonIsNormalChar(true).build(uri);
  }

  private static boolean isLong(ApiRequest request) {
    return request.query().flag("watch")
        || request.query().flag("follow")
        || !request.header("upgrade").isEmpty();
  }

  private static void refuse(HttpRequest head, Exchange exchange, StatusException why) {
    if (exchange.isAnswered()) {
      exchange.abort();
      return;
    }
    try {
      String accept = head.headers().get("accept");
      Answer answer = Answer.of(why, accept == null ? "" : accept);
      String program = head.headers().get("user-agent", "");
      exchange.respond(PrettyJson.isWantedBy(program) ? PrettyJson.printed(answer) : answer);
    } catch (IOException e) {
      LOG.debug("a client went away before its answer: {}", e.toString());
    }
  }
}
