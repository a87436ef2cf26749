package dev.wherry.master.registry.kinds;

import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationResult;
import dev.cel.parser.CelParser;
import dev.cel.parser.CelParserFactory;
import dev.cel.parser.CelStandardMacro;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whether a text is an expression of the Common Expression Language. Names and types are not
 * checked: nothing here evaluates expressions, and drivers' schedulers know more functions than any
 * list of ours would. The parser is loaded with the first expression. Pure.
 */
final class CelSyntax {
  private CelSyntax() {}

  /** Loaded when first asked for. */
  private static final class Parser {
    static final CelParser ONE =
        CelParserFactory.standardCelParserBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setOptions(CelOptions.current().enableOptionalSyntax(true).build())
            .build();
  }

  /** What is wrong with it, as Kubernetes says it. */
  static Optional<String> complaint(String expression) {
    CelValidationResult result = Parser.ONE.parse(expression);
    return result.hasError()
        ? Optional.of("compilation failed: " + text(result.getErrors(), expression))
        : Optional.empty();
  }

  private static String text(List<CelIssue> issues, String expression) {
    List<String> lines = expression.lines().toList();
    return issues.stream().map(issue -> text(issue, lines)).collect(Collectors.joining("\n"));
  }

  /** The complaint with the line that it is about and a mark below the place. */
  private static String text(CelIssue issue, List<String> lines) {
    int line = issue.getSourceLocation().getLine();
    int column = issue.getSourceLocation().getColumn();
    String source = line >= 1 && line <= lines.size() ? lines.get(line - 1) : "";
    return "ERROR: <input>:%d:%d: Syntax error: %s\n | %s\n | %s^"
        .formatted(line, column + 1, issue.getMessage(), source, ".".repeat(Math.max(0, column)));
  }
}
