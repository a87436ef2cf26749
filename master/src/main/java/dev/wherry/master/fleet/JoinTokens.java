package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The cluster's join tokens. Blocks; thread-safe. */
public final class JoinTokens {
  private final ObjectAccess access;
  private final X509Certificate authority;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  public JoinTokens(ObjectAccess access, X509Certificate authority, InstantSource clock) {
    this.access = access;
    this.authority = authority;
    this.clock = clock;
  }

  /**
   * Creates a token; expired ones are removed on the way.
   *
   * @return its text, as it is typed on the joining machine
   */
  public String create(Duration validity, String description) {
    for (JoinToken token : list()) {
      if (token.isExpired(clock.instant())) {
        delete(token.id());
      }
    }
    return store(
        JoinToken.create(random, Optional.of(clock.instant().plus(validity)), description));
  }

  private String store(JoinToken token) {
    access.create(GroupResource.SECRETS, token.toSecret());
    return token.text(authority);
  }

  /** All tokens, expired ones included. */
  public List<JoinToken> list() {
    List<JoinToken> tokens = new ArrayList<>();
    for (Obj secret :
        access.list(GroupResource.SECRETS, JoinToken.NAMESPACE, ListOptions.ALL).items()) {
      JoinToken.of(secret).ifPresent(tokens::add);
    }
    return tokens;
  }

  /**
   * Removes a token by its id.
   *
   * @throws StatusException NOT_FOUND when there is none
   */
  public void delete(String id) {
    access.delete(GroupResource.SECRETS, JoinToken.key(id), DeleteOptions.DEFAULT);
  }

  /** Whether this {@code id.secret} lets a node join now. */
  boolean admits(String idAndSecret) {
    int dot = idAndSecret.indexOf('.');
    if (dot != 6) {
      return false;
    }
    return find(idAndSecret.substring(0, dot))
        .filter(token -> token.matches(idAndSecret) && !token.isExpired(clock.instant()))
        .isPresent();
  }

  /**
   * Lets one node join by this {@code id.secret}: where it admits no more than one, it is gone
   * afterwards.
   *
   * @return false when it does not admit, or another node was quicker
   */
  boolean spend(String idAndSecret) {
    if (!admits(idAndSecret)) {
      return false;
    }
    String id = idAndSecret.substring(0, idAndSecret.indexOf('.'));
    if (find(id).filter(JoinToken::isForOneNode).isEmpty()) {
      return true;
    }
    try {
      delete(id);
      return true;
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private Optional<JoinToken> find(String id) {
    try {
      return JoinToken.of(access.get(GroupResource.SECRETS, JoinToken.key(id)));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Sees to a file with a token that does not expire, readable by its owner alone: agents on this
   * machine join by it. A file whose token is still good stays as it is.
   */
  public void keepLocalToken(Path file) throws IOException {
    if (Files.exists(file)) {
      String text = Files.readString(file).strip();
      int secret = text.indexOf("::");
      if (secret >= 0
          && text.equals("WHERRY10" + JoinToken.authorityHash(authority) + text.substring(secret))
          && admits(text.substring(secret + 2))) {
        return;
      }
    }
    String text =
        store(JoinToken.create(random, Optional.empty(), "agents on the master's own machine"));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, text + "\n");
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
