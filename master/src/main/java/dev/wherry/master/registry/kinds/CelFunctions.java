package dev.wherry.master.registry.kinds;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The functions that expressions have in Kubernetes 1.36 beside those of the language: what each
 * takes and gives. Pure.
 */
final class CelFunctions {
  /** What {@code capacity} of a device is made of. */
  static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");

  private static final Map<String, CelType> TYPES =
      Map.ofEntries(
          Map.entry("bool", SimpleType.BOOL),
          Map.entry("bytes", SimpleType.BYTES),
          Map.entry("double", SimpleType.DOUBLE),
          Map.entry("duration", SimpleType.DURATION),
          Map.entry("dyn", SimpleType.DYN),
          Map.entry("int", SimpleType.INT),
          Map.entry("string", SimpleType.STRING),
          Map.entry("timestamp", SimpleType.TIMESTAMP),
          Map.entry("uint", SimpleType.UINT),
          Map.entry("T", TypeParamType.create("T")),
          Map.entry("K", TypeParamType.create("K")),
          Map.entry("CIDR", OpaqueType.create("net.CIDR")),
          Map.entry("Format", OpaqueType.create("kubernetes.NamedFormat")),
          Map.entry("IP", OpaqueType.create("net.IP")),
          Map.entry("Image", OpaqueType.create("kubernetes.Image")),
          Map.entry("Quantity", QUANTITY),
          Map.entry("Semver", OpaqueType.create("kubernetes.Semver")),
          Map.entry("URL", OpaqueType.create("kubernetes.URL")));

  /** Names that stand for one of several types, a signature for each. */
  private static final Map<String, List<String>> CHOICES =
      Map.of(
          "Number", List.of("int", "uint", "double", "duration"),
          "Comparable",
              List.of("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"));

  /** What stands before the first dot is the receiver's type, or else a part of the name. */
  private static final String SIGNATURES =
      """
      string.charAt(int) string
      string.indexOf(string) int
      string.indexOf(string, int) int
      string.lastIndexOf(string) int
      string.lastIndexOf(string, int) int
      string.lowerAscii() string
      string.upperAscii() string
      string.replace(string, string) string
      string.replace(string, string, int) string
      string.split(string) list<string>
      string.split(string, int) list<string>
      string.substring(int) string
      string.substring(int, int) string
      string.trim() string
      string.format(list<dyn>) string
      list<string>.join() string
      list<string>.join(string) string
      strings.quote(string) string
      sets.contains(list<T>, list<T>) bool
      sets.equivalent(list<T>, list<T>) bool
      sets.intersects(list<T>, list<T>) bool
      optional.of(T) optional<T>
      optional.ofNonZeroValue(T) optional<T>
      optional.none() optional<T>
      optional.unwrap(list<optional<T>>) list<T>
      optional<T>.hasValue() bool
      optional<T>.value() T
      optional<T>.or(optional<T>) optional<T>
      optional<T>.orValue(T) T
      list<optional<T>>.unwrapOpt() list<T>
      list<T>.first() optional<T>
      list<T>.last() optional<T>
      _[?_](list<T>, int) optional<T>
      _[?_](optional<list<T>>, int) optional<T>
      _[?_](map<K, T>, K) optional<T>
      _[?_](optional<map<K, T>>, K) optional<T>
      _[_](optional<list<T>>, int) optional<T>
      _[_](optional<map<K, T>>, K) optional<T>
      list<Comparable>.isSorted() bool
      list<Comparable>.max() Comparable
      list<Comparable>.min() Comparable
      list<Number>.sum() Number
      list<T>.indexOf(T) int
      list<T>.lastIndexOf(T) int
      string.find(string) string
      string.findAll(string) list<string>
      string.findAll(string, int) list<string>
      url(string) URL
      isURL(string) bool
      URL.getScheme() string
      URL.getHost() string
      URL.getHostname() string
      URL.getPort() string
      URL.getEscapedPath() string
      URL.getQuery() map<string, list<string>>
      quantity(string) Quantity
      isQuantity(string) bool
      Quantity.isInteger() bool
      Quantity.asInteger() int
      Quantity.asApproximateFloat() double
      Quantity.sign() int
      Quantity.add(Quantity) Quantity
      Quantity.add(int) Quantity
      Quantity.sub(Quantity) Quantity
      Quantity.sub(int) Quantity
      Quantity.isLessThan(Quantity) bool
      Quantity.isGreaterThan(Quantity) bool
      Quantity.compareTo(Quantity) int
      ip(string) IP
      isIP(string) bool
      ip.isCanonical(string) bool
      string(IP) string
      IP.family() int
      IP.isUnspecified() bool
      IP.isLoopback() bool
      IP.isLinkLocalMulticast() bool
      IP.isLinkLocalUnicast() bool
      IP.isGlobalUnicast() bool
      cidr(string) CIDR
      isCIDR(string) bool
      string(CIDR) string
      CIDR.containsIP(string) bool
      CIDR.containsIP(IP) bool
      CIDR.containsCIDR(string) bool
      CIDR.containsCIDR(CIDR) bool
      CIDR.ip() IP
      CIDR.masked() CIDR
      CIDR.prefixLength() int
      format.named(string) optional<Format>
      format.dns1123Label() Format
      format.dns1123Subdomain() Format
      format.dns1035Label() Format
      format.qualifiedName() Format
      format.dns1123LabelPrefix() Format
      format.dns1123SubdomainPrefix() Format
      format.dns1035LabelPrefix() Format
      format.labelValue() Format
      format.uri() Format
      format.uuid() Format
      format.byte() Format
      format.date() Format
      format.datetime() Format
      Format.validate(string) optional<list<string>>
      semver(string) Semver
      semver(string, bool) Semver
      isSemver(string) bool
      isSemver(string, bool) bool
      Semver.isLessThan(Semver) bool
      Semver.isGreaterThan(Semver) bool
      Semver.compareTo(Semver) int
      Semver.major() int
      Semver.minor() int
      Semver.patch() int
      image(string) Image
      isImage(string) bool
      Image.containsDigest() bool
      Image.registry() string
      Image.repository() string
      Image.identifier() string
      Image.tag() string
      Image.digest() string
      """;

  private CelFunctions() {}

  static List<CelFunctionDecl> all() {
    Map<String, List<CelOverloadDecl>> byName = new LinkedHashMap<>();
    SIGNATURES.lines().flatMap(line -> chosen(line).stream()).forEach(line -> add(line, byName));
    return byName.entrySet().stream()
        .map(each -> CelFunctionDecl.newFunctionDeclaration(each.getKey(), each.getValue()))
        .toList();
  }

  private static List<String> chosen(String line) {
    for (Map.Entry<String, List<String>> choice : CHOICES.entrySet()) {
      if (line.contains(choice.getKey())) {
        return choice.getValue().stream().map(t -> line.replace(choice.getKey(), t)).toList();
      }
    }
    return List.of(line);
  }

  private static void add(String line, Map<String, List<CelOverloadDecl>> byName) {
    int open = line.indexOf('(');
    int close = line.lastIndexOf(')');
    List<CelType> taken = new ArrayList<>(types(line.substring(open + 1, close)));
    CelType given = type(line.substring(close + 2));
    String name = line.substring(0, open);
    int dot = name.indexOf('.');
    Optional<CelType> receiver = dot < 0 ? Optional.empty() : receiver(name.substring(0, dot));
    receiver.ifPresent(taken::addFirst);
    byName
        .computeIfAbsent(
            receiver.isPresent() ? name.substring(dot + 1) : name, _ -> new ArrayList<>())
        .add(
            receiver.isPresent()
                ? CelOverloadDecl.newMemberOverload(line, given, ImmutableList.copyOf(taken))
                : CelOverloadDecl.newGlobalOverload(line, given, ImmutableList.copyOf(taken)));
  }

  private static Optional<CelType> receiver(String text) {
    return TYPES.containsKey(text) || text.contains("<")
        ? Optional.of(type(text))
        : Optional.empty();
  }

  private static CelType type(String text) {
    int open = text.indexOf('<');
    if (open < 0) {
      return Optional.ofNullable(TYPES.get(text))
          .orElseThrow(() -> new IllegalArgumentException("no such type: " + text));
    }
    List<CelType> of = types(text.substring(open + 1, text.length() - 1));
    return switch (text.substring(0, open)) {
      case "list" -> ListType.create(of.getFirst());
      case "map" -> MapType.create(of.getFirst(), of.getLast());
      case "optional" -> OptionalType.create(of.getFirst());
      default -> throw new IllegalArgumentException("no such type: " + text);
    };
  }

  /** Types between commas, but for the commas within one. */
  private static List<CelType> types(String text) {
    List<CelType> types = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '<' -> depth++;
        case '>' -> depth--;
        case ',' -> {
          if (depth == 0) {
            types.add(type(text.substring(start, i).strip()));
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    if (!text.isEmpty()) {
      types.add(type(text.substring(start).strip()));
    }
    return types;
  }
}
