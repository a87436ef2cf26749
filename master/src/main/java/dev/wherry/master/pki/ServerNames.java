package dev.wherry.master.pki;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names and addresses under which clients reach a server: the subject alternative names of its
 * certificate. Ordered, each once. Immutable.
 */
public record ServerNames(List<String> dnsNames, List<InetAddress> addresses) {
  private static final int DNS_NAME = 2;
  private static final int ADDRESS = 7;
  private static final List<String> ALWAYS =
      List.of(
          "localhost",
          "kubernetes",
          "kubernetes.default",
          "kubernetes.default.svc",
          "kubernetes.default.svc.cluster.local",
          "wherry-master"); // what agents ask for, whatever address they reach the master by

  public ServerNames {
    dnsNames = List.copyOf(new TreeSet<>(dnsNames));
    Set<InetAddress> ordered =
        new TreeSet<>(Comparator.comparing(InetAddress::getAddress, Arrays::compareUnsigned));
    ordered.addAll(addresses);
    addresses = List.copyOf(ordered);
  }

  /**
   * The names of an API server.
   *
   * @param hostName of the machine
   * @param addresses of the machine and of the {@code kubernetes} service; the loopback address is
   *     added
   */
  public static ServerNames ofApiServer(String hostName, Collection<InetAddress> addresses) {
    List<String> names = new java.util.ArrayList<>(ALWAYS);
    if (!hostName.isEmpty()) {
      names.add(hostName);
    }
    List<InetAddress> all = new java.util.ArrayList<>(addresses);
    all.add(literal("127.0.0.1"));
    return new ServerNames(names, all);
  }

  /** The address that this literal such as {@code 10.43.0.1} writes; names are not looked up. */
  public static InetAddress literal(String address) {
    return InetAddress.ofLiteral(address);
  }

  /** Whether the certificate speaks for all of these. */
  boolean coveredBy(X509Certificate certificate) {
    Set<String> dns = new HashSet<>();
    Set<InetAddress> addressed = new HashSet<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives == null) {
        return false;
      }
      for (List<?> entry : alternatives) {
        if (entry.get(0).equals(DNS_NAME)) {
          dns.add((String) entry.get(1));
        } else if (entry.get(0).equals(ADDRESS)) {
          addressed.add(InetAddress.getByName((String) entry.get(1)));
        }
      }
    } catch (CertificateParsingException | UnknownHostException e) {
      return false; // what cannot be read is issued anew
    }
    return dns.containsAll(dnsNames) && addressed.containsAll(addresses);
  }
}
