package dev.wherry.agent.nft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Has commands that are written for IPv4 carried out for IPv6. Tables, the types of addresses and
 * the names of headers are all that differs, and the loopback's address: so there is one text of
 * each rule. What a listing prints is told as if it were IPv4's. Thread-safe.
 *
 * @param nft stays the caller's to close
 */
public record Ipv6Nft(Nft nft) implements Nft {
  private static final Pattern IPV4_WORD = Pattern.compile("(?<![\\w-])ip ");
  private static final Pattern IPV6_WORD = Pattern.compile("(?<![\\w-])ip6 ");

  /** The commands for IPv6; addresses in them are IPv6 ones already. Pure. */
  public static String rendered(String commands) {
    return IPV4_WORD
        .matcher(commands)
        .replaceAll("ip6 ")
        .replace("ipv4_addr", "ipv6_addr")
        .replace("127.0.0.0/8", "::1");
  }

  private static String told(String listing) {
    return IPV6_WORD.matcher(listing).replaceAll("ip ");
  }

  @Override
  public String run(String commands) throws IOException, InterruptedException {
    return told(nft.run(rendered(commands)));
  }

  @Override
  public void runEach(List<Supplier<String>> transactions)
      throws IOException, InterruptedException {
    List<Supplier<String>> ours = new ArrayList<>();
    transactions.forEach(each -> ours.add(() -> rendered(each.get())));
    nft.runEach(ours);
  }

  @Override
  public String elements(String table, String set) throws IOException, InterruptedException {
    return told(nft.elements(rendered(table), set));
  }

  @Override
  public boolean isUsable() {
    return nft.isUsable();
  }

  @Override
  public void close() {
    // The other one is closed by who opened it.
  }
}
