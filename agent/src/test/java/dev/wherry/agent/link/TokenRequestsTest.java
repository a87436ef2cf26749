package dev.wherry.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.volume.TokenSource.Answer;
import dev.wherry.agent.volume.TokenWish;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.proto.v1.TokenAnswer;
import dev.wherry.proto.v1.TokenRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TokenRequestsTest {
  private static final TokenWish WISH =
      new TokenWish(new ObjectKey("default", "web"), new PodUid("u-1"), "robot", "vault", 600);

  private final BlockingQueue<TokenRequest> sent = new LinkedBlockingQueue<>();
  private final TokenRequests requests = new TokenRequests(sent::add, Duration.ofDays(1));

  private CompletableFuture<Answer> ask() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return requests.ask(WISH);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        },
        Thread::startVirtualThread);
  }

  private TokenRequest next() throws InterruptedException {
    @Nullable TokenRequest request = sent.poll(60, TimeUnit.SECONDS);
    assertThat(request).as("a request").isNotNull();
    return request;
  }

  private static TokenAnswer.Builder answer(TokenRequest request) {
    return TokenAnswer.newBuilder().setRequestId(request.getRequestId());
  }

  private static Answer of(CompletableFuture<Answer> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  @Test
  void waitsForTheFirstSessionAndTellsTheLifetimeByTheMastersClock() throws Exception {
    CompletableFuture<Answer> asked = ask();
    requests.connected();
    TokenRequest request = next();
    assertThat(request.getPod().getUid()).isEqualTo("u-1");
    assertThat(request.getServiceAccount()).isEqualTo("robot");
    assertThat(request.getAudiencesList()).containsExactly("vault");
    assertThat(request.getExpirationSeconds()).isEqualTo(600);
    String claims =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"iat\":1000,\"exp\":9000}".getBytes(StandardCharsets.UTF_8));
    String token = "h." + claims + ".s";
    requests.answered(
        answer(request).setToken(token).setExpiration("1970-01-01T00:26:40Z").build());
    assertThat(of(asked)).isEqualTo(new Answer.Granted(token, Duration.ofSeconds(600)));
  }

  @Test
  void waitsNoLongerThanTheFirstAttemptAtASessionLasts() throws Exception {
    CompletableFuture<Answer> asked = ask();
    requests.disconnected();
    assertThat(of(asked)).isEqualTo(new Answer.OutOfReach());
    assertThat(of(ask())).isEqualTo(new Answer.OutOfReach());
    assertThat(sent).isEmpty();
  }

  @Test
  void tellsARefusal() throws Exception {
    requests.connected();
    CompletableFuture<Answer> asked = ask();
    requests.answered(answer(next()).setReason("Forbidden").setMessage("not yours").build());
    assertThat(of(asked)).isEqualTo(new Answer.Refused("not yours"));
  }

  @Test
  void asksAgainWhereTheMasterHasTooMuchToDo() throws Exception {
    requests.connected();
    CompletableFuture<Answer> asked = ask();
    requests.answered(answer(next()).setReason("TooManyRequests").setMessage("later").build());
    requests.answered(answer(next()).setToken("opaque").build());
    assertThat(of(asked)).isEqualTo(new Answer.Granted("opaque", Duration.ofSeconds(600)));
  }

  @Test
  void leavesNobodyWaitingWhenTheSessionEnds() throws Exception {
    requests.connected();
    CompletableFuture<Answer> asked = ask();
    TokenRequest lost = next();
    requests.disconnected();
    assertThat(of(asked)).isEqualTo(new Answer.OutOfReach());

    requests.connected();
    CompletableFuture<Answer> again = ask();
    TokenRequest second = next();
    requests.answered(answer(lost).setToken("of the session before").build());
    requests.answered(answer(second).setToken("new").build());
    assertThat(of(again)).isEqualTo(new Answer.Granted("new", Duration.ofSeconds(600)));
  }
}
