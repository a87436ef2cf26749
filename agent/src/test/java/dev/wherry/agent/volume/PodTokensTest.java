package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.volume.TokenSource.Answer;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodTokensTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final PodView POD =
      new PodView(
          Json.read(
              """
              {"metadata":{"namespace":"default","name":"web","uid":"u-1"},
               "spec":{"serviceAccountName":"robot","volumes":[
                 {"name":"access","projected":{"sources":[
                   {"serviceAccountToken":{"path":"token","expirationSeconds":3600}},
                   {"serviceAccountToken":{"path":"vault","audience":"vault",
                     "expirationSeconds":3600}}]}},
                 {"name":"dir","emptyDir":{}}]}}
              """));
  private static final Volume ACCESS = POD.volumes().getFirst();

  @TempDir Path temporary;
  private final List<TokenWish> asked = new ArrayList<>();
  private Answer answer = new Answer.OutOfReach();
  private Duration now = Duration.ofMinutes(10);

  private PodTokens tokens() {
    return new PodTokens(
        new PodDirectories(temporary.resolve("data"), temporary.resolve("run")),
        wish -> {
          asked.add(wish);
          return answer instanceof Answer.Granted(String token, Duration lifetime)
              ? new Answer.Granted(token + "-" + wish.audience(), lifetime)
              : answer;
        },
        () -> now);
  }

  private List<String> had(PodTokens tokens) throws Exception {
    return tokens.of(POD, ACCESS).values().stream().sorted().toList();
  }

  @Test
  void asksForEachAudienceOnceAndRenewsAtFourFifthsOfItsLife() throws Exception {
    PodTokens tokens = tokens();
    answer = new Answer.Granted("one", HOUR);
    assertThat(tokens.isDue(POD)).isTrue();
    assertThat(had(tokens)).containsExactly("one-", "one-vault");
    assertThat(asked).extracting(TokenWish::account).containsOnly("robot");
    assertThat(asked).extracting(TokenWish::audience).containsExactly("", "vault");

    now = now.plusMinutes(47);
    answer = new Answer.Granted("two", HOUR);
    assertThat(tokens.isDue(POD)).isFalse();
    assertThat(had(tokens)).containsExactly("one-", "one-vault");
    now = now.plusMinutes(1);
    assertThat(tokens.isDue(POD)).isTrue();
    assertThat(had(tokens)).containsExactly("two-", "two-vault");
    assertThat(asked).hasSize(4);
    assertThat(tokens.isDue(POD)).isFalse();
  }

  @Test
  void renewsLongLivedOnesAfterADay() throws Exception {
    PodTokens tokens = tokens();
    answer = new Answer.Granted("one", Duration.ofDays(365));
    had(tokens);
    now = now.plusHours(23);
    assertThat(tokens.isDue(POD)).isFalse();
    now = now.plusHours(1);
    assertThat(tokens.isDue(POD)).isTrue();
  }

  @Test
  void goesOnWithWhatAnAgentBeforeItLeft() throws Exception {
    answer = new Answer.Granted("one", HOUR);
    had(tokens());
    answer = new Answer.OutOfReach();
    PodTokens next = tokens();
    assertThat(had(next)).containsExactly("one-", "one-vault");
    assertThat(asked).hasSize(2);
    try (var kept = Files.walk(temporary.resolve("run")).filter(Files::isRegularFile)) {
      assertThat(kept)
          .hasSize(2)
          .allSatisfy(
              file ->
                  assertThat(Files.getPosixFilePermissions(file))
                      .isEqualTo(PosixFilePermissions.fromString("rw-------")));
    }
    assertThat(temporary.resolve("data")).as("no token on the disk").doesNotExist();
  }

  @Test
  void keepsTheLastOneWhileTheMasterIsAway() throws Exception {
    PodTokens tokens = tokens();
    answer = new Answer.Granted("one", HOUR);
    had(tokens);
    answer = new Answer.OutOfReach();
    now = now.plusHours(5);
    assertThat(had(tokens)).containsExactly("one-", "one-vault");
    assertThat(tokens.isDue(POD)).isTrue();
  }

  @Test
  void startsWithoutWhereNoMasterHasEverAnswered() throws Exception {
    assertThat(had(tokens())).isEmpty();
  }

  @Test
  void tellsTheMastersRefusalOnceNoGoodTokenIsLeft() throws Exception {
    PodTokens tokens = tokens();
    answer = new Answer.Refused("serviceaccounts \"robot\" not found");
    assertThatThrownBy(() -> had(tokens))
        .isInstanceOf(VolumeException.class)
        .hasMessage("failed to fetch token: serviceaccounts \"robot\" not found");
    answer = new Answer.Granted("one", HOUR);
    had(tokens);
    answer = new Answer.Refused("serviceaccounts \"robot\" not found");
    now = now.plusMinutes(55);
    assertThat(had(tokens)).containsExactly("one-", "one-vault");
    now = now.plusMinutes(5);
    assertThatThrownBy(() -> had(tokens)).isInstanceOf(VolumeException.class);
  }

  @Test
  void asksAnewWhereWhatWasKeptIsDamaged() throws Exception {
    answer = new Answer.Granted("one", HOUR);
    had(tokens());
    Path kept;
    try (var files = Files.walk(temporary.resolve("run")).filter(Files::isRegularFile)) {
      kept = files.findFirst().orElseThrow();
    }
    Files.writeString(kept, "12");
    answer = new Answer.Granted("two", HOUR);
    assertThat(had(tokens())).hasSize(2).anyMatch(each -> each.startsWith("two"));
  }
}
