package dev.wherry.agent.services;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An nftables table as the kernel would hold it after the transactions that were applied, and as
 * strict: what is deleted must be there, and nothing may refer to it any more.
 */
final class TableModel {
  private static final Pattern COMMAND =
      Pattern.compile(
          "(add|delete|flush) (table|map|set|chain|rule|element) ip \\S+ ?(\\S*) ?(.*)");
  private static final Pattern REFERENCE = Pattern.compile("(?:goto |jump |@)([A-Za-z0-9.-]+)");

  final SortedMap<String, SortedMap<String, String>> sets = new TreeMap<>();
  final SortedMap<String, List<String>> chains = new TreeMap<>();

  void apply(String transaction) {
    transaction.lines().forEach(this::command);
    checkReferences();
  }

  private void command(String line) {
    Matcher matcher = COMMAND.matcher(line);
    if (!matcher.matches()) {
      throw new AssertionError("not a command: " + line);
    }
    String name = matcher.group(3);
    String rest = matcher.group(4);
    switch (matcher.group(1) + " " + matcher.group(2)) {
      case "add table" -> {}
      case "delete table" -> {
        sets.clear();
        chains.clear();
      }
      case "add map", "add set" -> require(sets.putIfAbsent(name, new TreeMap<>()) == null, line);
      case "delete set" -> require(sets.remove(name) != null, line);
      case "add chain" -> require(chains.putIfAbsent(name, new ArrayList<>()) == null, line);
      case "flush chain" -> chain(name, line).clear();
      case "delete chain" -> {
        require(chain(name, line).isEmpty(), line);
        chains.remove(name);
      }
      case "add rule" -> chain(name, line).add(rest);
      case "add element" -> elements(rest).forEach((key, value) -> addElement(name, key, value));
      case "delete element" ->
          elements(rest).forEach((key, value) -> require(set(name, line).remove(key, value), line));
      default -> throw new AssertionError("not a command: " + line);
    }
  }

  private void addElement(String set, String key, String value) {
    String before = set(set, key).put(key, value);
    require(before == null || before.equals(value), "element " + key + " has another value");
  }

  static Map<String, String> elements(String braced) {
    Map<String, String> elements = new TreeMap<>();
    String inside = braced.strip().replaceAll("^\\{ | }$", "");
    for (String element : inside.split(", ")) {
      String[] keyAndValue = element.split(" : ");
      elements.put(keyAndValue[0], keyAndValue.length > 1 ? keyAndValue[1] : "");
    }
    return elements;
  }

  private void checkReferences() {
    chains.values().forEach(rules -> rules.forEach(this::checkReferences));
    sets.values().forEach(set -> set.values().forEach(this::checkReferences));
  }

  private void checkReferences(String text) {
    Matcher reference = REFERENCE.matcher(text);
    while (reference.find()) {
      String name = reference.group(1);
      require(chains.containsKey(name) || sets.containsKey(name), "dangling: " + text);
    }
  }

  SortedMap<String, String> set(String name, String line) {
    SortedMap<String, String> set = sets.get(name);
    require(set != null, "no such set: " + line);
    return java.util.Objects.requireNonNull(set);
  }

  List<String> chain(String name, String line) {
    List<String> chain = chains.get(name);
    require(chain != null, "no such chain: " + line);
    return java.util.Objects.requireNonNull(chain);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    sets.forEach((name, set) -> text.append(name).append(' ').append(set).append('\n'));
    chains.forEach((name, rules) -> text.append(name).append(' ').append(rules).append('\n'));
    return text.toString();
  }
}
