package dev.wherry.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Commands and what they are to say, read from a text whose head tells its form. Immutable.
 *
 * @param sections in the order in which they run
 */
record Transcript(List<Section> sections) {
  private static final Pattern HEAD = Pattern.compile("== ([^\\[]+)((?:\\[[^]]+] ?)*)");
  private static final Pattern CODES = Pattern.compile("! (\\d+)(?:\\.\\.(\\d+))?");

  /**
   * Some commands that belong together.
   *
   * @param core whether every kubectl does it
   * @param alone whether it changes what all share, so that nobody else may be at work
   * @param since the first minor version of kubectl that can do this
   * @param until the last one
   * @param needs a resource that the server has to serve; empty where every server does
   */
  record Section(
      String name,
      boolean core,
      boolean alone,
      int since,
      int until,
      String needs,
      List<Step> steps) {}

  /**
   * A command and what is expected of it.
   *
   * @param expected regular expressions that its outputs hold
   * @param again whether it is repeated until all is so
   */
  record Step(
      String command, int lowestCode, int highestCode, List<Pattern> expected, boolean again) {

    /** What is wrong with how the command ended; empty when nothing is. */
    Optional<String> complaint(Shell.Result result) {
      String text = result.out() + result.err();
      if (result.code() < lowestCode || result.code() > highestCode) {
        return Optional.of("ended with " + result.code() + ":\n" + text);
      }
      return expected.stream()
          .filter(each -> !each.matcher(text).find())
          .findFirst()
          .map(missing -> "lacks /" + missing + "/:\n" + text);
    }
  }

  static Transcript parse(List<String> lines) {
    List<Section> sections = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("== ")) {
        steps = new ArrayList<>();
        sections.add(section(line, steps));
      } else if (line.startsWith("$ ")) {
        steps.add(new Step(line.substring(2), 0, 0, List.of(), false));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        steps.add(with(steps.removeLast(), line));
      }
    }
    return new Transcript(List.copyOf(sections));
  }

  private static Section section(String line, List<Step> steps) {
    Matcher head = HEAD.matcher(line);
    if (!head.matches()) {
      throw new IllegalArgumentException("no head of a section: " + line);
    }
    String words = head.group(2);
    return new Section(
        head.group(1).strip(),
        words.contains("[core]"),
        words.contains("[alone]"),
        Integer.parseInt(word(words, "since 1\\.").orElse("0")),
        Integer.parseInt(word(words, "until 1\\.").orElse("999")),
        word(words, "needs ").orElse(""),
        steps);
  }

  private static Optional<String> word(String words, String name) {
    Matcher matcher = Pattern.compile("\\[" + name + "([^]]+)]").matcher(words);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static Step with(Step step, String line) {
    Matcher codes = CODES.matcher(line);
    if (codes.matches()) {
      int low = Integer.parseInt(codes.group(1));
      int high = codes.group(2) == null ? low : Integer.parseInt(codes.group(2));
      return new Step(step.command(), low, high, step.expected(), step.again());
    }
    if (line.equals("~")) {
      return new Step(step.command(), step.lowestCode(), step.highestCode(), step.expected(), true);
    }
    if (!line.startsWith("> ")) {
      throw new IllegalArgumentException("no line of a transcript: " + line);
    }
    List<Pattern> expected = new ArrayList<>(step.expected());
    expected.add(Pattern.compile(line.substring(2)));
    return new Step(step.command(), step.lowestCode(), step.highestCode(), expected, step.again());
  }
}
