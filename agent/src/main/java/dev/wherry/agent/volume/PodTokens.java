package dev.wherry.agent.volume;

import dev.wherry.agent.host.Uptime;
import dev.wherry.agent.volume.TokenSource.Answer;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Projection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of this node's pods, asked for as they become due. Each is kept in the pod's run
 * directory, which is memory, so that the next agent goes on with it and no disk ever has it.
 *
 * <p>While the master is away or refuses, the last token stays where it is; a pod that never had
 * one starts without while no master is in reach, and gets it once there is. Thread-safe for
 * different pods; calls for one pod come one after another.
 */
public final class PodTokens {
  private static final Logger LOG = LoggerFactory.getLogger(PodTokens.class);

  private final PodDirectories directories;
  private final TokenSource source;
  private final Uptime uptime;

  public PodTokens(PodDirectories directories, TokenSource source, Uptime uptime) {
    this.directories = directories;
    this.source = source;
    this.uptime = uptime;
  }

  /**
   * The tokens that the volume wants, as far as they can be had.
   *
   * @throws VolumeException when the master refuses one and no good one is held
   */
  public Map<TokenWish, String> of(PodView pod, Volume volume)
      throws IOException, InterruptedException {
    Map<TokenWish, String> tokens = new HashMap<>();
    for (TokenWish wish : wishes(pod, volume)) {
      token(wish).ifPresent(token -> tokens.put(wish, token));
    }
    return tokens;
  }

  /** Whether a token of the pod is to be asked for anew. */
  public boolean isDue(PodView pod) throws IOException {
    Duration now = uptime.read();
    for (Volume volume : pod.volumes()) {
      for (TokenWish wish : wishes(pod, volume)) {
        if (held(wish).map(each -> each.isDue(now)).orElse(true)) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<TokenWish> wishes(PodView pod, Volume volume) {
    List<TokenWish> wishes = new ArrayList<>();
    if (volume.source() instanceof Volume.Source.Projected projected) {
      for (Projection each : projected.sources()) {
        if (each instanceof Projection.ServiceAccountToken token) {
          wishes.add(TokenWish.of(pod, token));
        }
      }
    }
    return wishes;
  }

  private Optional<String> token(TokenWish wish) throws IOException, InterruptedException {
    Optional<HeldToken> held = held(wish);
    Duration now = uptime.read();
    if (held.isPresent() && !held.get().isDue(now)) {
      return held.map(HeldToken::token);
    }
    return switch (source.ask(wish)) {
      case Answer.Granted granted -> {
        keep(wish, new HeldToken(granted.token(), now, granted.lifetime()));
        yield Optional.of(granted.token());
      }
      case Answer.Refused refused -> {
        if (held.isEmpty() || held.get().isExpired(now)) {
          throw new VolumeException("failed to fetch token: " + refused.message());
        }
        LOG.warn("pod {}: the token is not renewed: {}", wish.pod(), refused.message());
        yield held.map(HeldToken::token);
      }
      case Answer.OutOfReach _ -> held.map(HeldToken::token);
    };
  }

  private Path file(TokenWish wish) {
    String what = wish.expirationSeconds() + " " + wish.audience();
    return directories
        .tokens(wish.uid())
        .resolve(UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8)).toString());
  }

  private Optional<HeldToken> held(TokenWish wish) throws IOException {
    Path file = file(wish);
    try {
      return Optional.of(HeldToken.parse(Files.readString(file)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      LOG.warn("{} is damaged, a new token takes its place: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  private void keep(TokenWish wish, HeldToken token) throws IOException {
    Path file = file(wish);
    Files.createDirectories(file.getParent());
    Files.setPosixFilePermissions(file.getParent(), AtomicFiles.permissions(0700));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, token.text());
    Files.setPosixFilePermissions(fresh, AtomicFiles.permissions(0600));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
