package dev.wherry.cli;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.bootstrap.AgentPort;
import dev.wherry.master.fleet.JoinToken;
import dev.wherry.master.pki.CertificateAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wherry token}: what other machines join by. Run on the master's machine. */
@Command(
    name = "token",
    description = "Makes, lists and revokes the tokens by which other machines join.",
    mixinStandardHelpOptions = true)
final class TokenCommand {
  private static final String SECRETS = "/api/v1/namespaces/" + JoinToken.NAMESPACE + "/secrets";
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smhd])");

  /** How long the master may take to open its port for agents after the first token. */
  private static final Duration DOOR_TIMEOUT = Duration.ofSeconds(10);

  @Command(
      name = "create",
      description = "Prints a fresh token and how to join by it.",
      mixinStandardHelpOptions = true)
  int create(
      @Mixin ClusterOptions cluster,
      @Option(
              names = "--ttl",
              paramLabel = "TIME",
              description = "how long it admits nodes: 30m, 24h, 7d; 0: for ever (default: 24h)",
              defaultValue = "24h")
          String ttl,
      @Option(
              names = "--description",
              paramLabel = "TEXT",
              description = "what it is for",
              defaultValue = "")
          String description,
      @Option(
              names = "--reusable",
              description = "admits any number of nodes until it expires, not one alone")
          boolean reusable)
      throws IOException, InterruptedException {
    Session session = new Session(cluster.dataDirectory());
    Optional<Duration> validity = validity(ttl);
    JoinToken token =
        JoinToken.create(
            new SecureRandom(), validity.map(each -> Instant.now().plus(each)), description);
    if (!reusable) {
      token = token.forOneNode();
    }
    session.api.send("POST", SECRETS, Optional.of(Json.write(token.toSecret())));
    String text = token.text(session.authority.certificate());
    System.out.println(text);
    OptionalInt port = session.agentPort();
    if (port.isEmpty()) {
      throw new UserError(
          "the token is made, but the master does not serve agents; its log says why");
    }
    System.err.println(
        "on the other machine: wherry agent --server https://"
            + session.address()
            + ":"
            + port.getAsInt()
            + " --token "
            + text);
    return 0;
  }

  @Command(
      name = "list",
      description = "Lists the tokens there are, without their secrets.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin ClusterOptions cluster,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FORMAT",
              description = "json",
              defaultValue = "")
          String output)
      throws IOException, InterruptedException {
    List<JoinToken> tokens = new Session(cluster.dataDirectory()).tokens();
    if (output.equals("json")) {
      List<Obj> items = new ArrayList<>();
      for (JoinToken token : tokens) {
        Obj.Builder item = Obj.builder().put("id", token.id());
        token.expiration().ifPresent(end -> item.put("expires", Meta.Times.format(end)));
        item.put("uses", token.isForOneNode() ? "one" : "many");
        items.add(item.putUnlessEmpty("description", token.description()).build());
      }
      System.out.println(new String(Json.write(Obj.of("items", items)), StandardCharsets.UTF_8));
      return 0;
    }
    System.out.printf(Locale.ROOT, "%-8s%-8s%-22s%s%n", "ID", "NODES", "EXPIRES", "DESCRIPTION");
    for (JoinToken token : tokens) {
      String end =
          token
              .expiration()
              .map(at -> token.isExpired(Instant.now()) ? "expired" : Meta.Times.format(at))
              .orElse("never");
      String uses = token.isForOneNode() ? "one" : "many";
      System.out.printf(
          Locale.ROOT, "%-8s%-8s%-22s%s%n", token.id(), uses, end, token.description());
    }
    return 0;
  }

  @Command(
      name = "delete",
      description = "Revokes a token: nothing joins by it any more.",
      mixinStandardHelpOptions = true)
  int delete(
      @Mixin ClusterOptions cluster,
      @Parameters(paramLabel = "TOKEN", description = "a token, or its ID as in the list")
          String token)
      throws IOException, InterruptedException {
    Session session = new Session(cluster.dataDirectory());
    String id = JoinToken.idOf(token).orElse(token);
    if (session.tokens().stream().noneMatch(each -> each.id().equals(id))) {
      throw new UserError("there is no token \"" + id + "\"");
    }
    session.api.send("DELETE", SECRETS + "/" + JoinToken.key(id).name(), Optional.empty());
    System.out.println("revoked " + id);
    return 0;
  }

  private static Optional<Duration> validity(String text) {
    if (text.equals("0")) {
      return Optional.empty();
    }
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new UserError("--ttl must be a number with s, m, h or d, not \"" + text + "\"");
    }
    long number = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }

  /** With the master on this machine, as its administrator. */
  private static final class Session {
    private final Path directory;
    private final CertificateAuthority authority;
    private final AdministratorClient api;

    Session(DataDirectory data) throws IOException {
      directory = new Layout(data).master();
      DataDirectory.ServerFacts server =
          data.server()
              .filter(facts -> facts.apiPort() != 0)
              .orElseThrow(
                  () ->
                      new UserError(
                          "no master runs on " + data.path() + "; 'wherry up' starts one"));
      authority = CertificateAuthority.open(directory.resolve("pki"), InstantSource.system());
      api = new AdministratorClient(authority, server.apiPort());
    }

    List<JoinToken> tokens() throws IOException, InterruptedException {
      List<JoinToken> tokens = new ArrayList<>();
      for (Obj secret : api.send("GET", SECRETS, Optional.empty()).objs("items")) {
        JoinToken.of(secret).ifPresent(tokens::add);
      }
      return tokens;
    }

    /** Waits for a port that opens because of the first token. */
    OptionalInt agentPort() throws InterruptedException {
      long end = System.nanoTime() + DOOR_TIMEOUT.toNanos();
      OptionalInt port = AgentPort.read(directory);
      while (port.isEmpty() && System.nanoTime() < end) {
        Thread.sleep(Duration.ofMillis(50));
        port = AgentPort.read(directory);
      }
      return port;
    }

    /** Where the master says that it is reached: the {@code kubernetes} service's endpoint. */
    String address() throws IOException, InterruptedException {
      Obj endpoints =
          api.send("GET", "/api/v1/namespaces/default/endpoints/kubernetes", Optional.empty());
      return endpoints.objs("subsets").getFirst().objs("addresses").getFirst().string("ip");
    }
  }
}
