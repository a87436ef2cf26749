package dev.wherry.agent.dns;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * How often what was asked of a name server, and what came of it, since the agent began. Kinds are
 * few: types without a name of their own are one. Thread-safe.
 */
public final class DnsCounts {

  /** What a question came by. */
  public enum Protocol {
    UDP,
    TCP
  }

  /** Who knows an answer. */
  public enum Source {
    /** This server, of the cluster's names. */
    CLUSTER,
    /** Another server, now or before. */
    OTHERS
  }

  /** What a name server's memory of others' answers was good for. */
  public enum Remembered {
    /** An answer that may still be believed. */
    ANSWER,
    /** That there is no such name or record. */
    DENIAL,
    /** What was true once, for want of anything newer. */
    STALE,
    NOTHING
  }

  /**
   * Questions of a kind.
   *
   * @param type such as {@code AAAA}; {@code other}
   * @param code such as {@code NXDOMAIN}
   */
  public record Kind(Protocol protocol, String type, Source source, String code) {}

  private final Map<Kind, LongAdder> answered = new ConcurrentHashMap<>();
  private final Map<Remembered, LongAdder> remembered = new ConcurrentHashMap<>();

  /** What counts answers to a question like this one. */
  LongAdder of(Protocol protocol, DnsQuestion question, Source source, byte[] response) {
    return of(new Kind(protocol, typeName(question.type()), source, codeName(response)));
  }

  /** What counts refusals of what cannot be read. */
  LongAdder ofUnread(Protocol protocol, byte[] response) {
    return of(new Kind(protocol, "other", Source.CLUSTER, codeName(response)));
  }

  private LongAdder of(Kind kind) {
    return answered.computeIfAbsent(kind, _ -> new LongAdder());
  }

  void looked(Remembered what) {
    remembered.computeIfAbsent(what, _ -> new LongAdder()).increment();
  }

  /** How many questions of each kind have been answered. */
  public Map<Kind, Long> answered() {
    return sums(answered);
  }

  /** How many looks into the memory found what. */
  public Map<Remembered, Long> remembered() {
    return sums(remembered);
  }

  private static <K> Map<K, Long> sums(Map<K, LongAdder> counts) {
    return counts.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().sum()));
  }

  private static String typeName(int type) {
    return switch (type) {
      case DnsQuestion.A -> "A";
      case DnsQuestion.NS -> "NS";
      case DnsQuestion.CNAME -> "CNAME";
      case DnsQuestion.SOA -> "SOA";
      case DnsQuestion.PTR -> "PTR";
      case 15 -> "MX";
      case DnsQuestion.TXT -> "TXT";
      case DnsQuestion.AAAA -> "AAAA";
      case DnsQuestion.SRV -> "SRV";
      case 43 -> "DS";
      case 48 -> "DNSKEY";
      case 65 -> "HTTPS";
      case DnsQuestion.ANY -> "ANY";
      default -> "other";
    };
  }

  /** By RFC 6895, 2.3; the four bits that every response has. */
  private static String codeName(byte[] response) {
    int code = response[3] & 0x0f;
    return switch (code) {
      case DnsAnswer.RCODE_OK -> "NOERROR";
      case DnsAnswer.RCODE_MALFORMED -> "FORMERR";
      case DnsAnswer.RCODE_SERVER_FAILURE -> "SERVFAIL";
      case DnsAnswer.RCODE_NO_SUCH_NAME -> "NXDOMAIN";
      case DnsAnswer.RCODE_NOT_IMPLEMENTED -> "NOTIMP";
      case DnsAnswer.RCODE_REFUSED -> "REFUSED";
      default -> "RCODE" + code;
    };
  }
}
