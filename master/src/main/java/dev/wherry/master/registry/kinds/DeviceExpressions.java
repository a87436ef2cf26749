package dev.wherry.master.registry.kinds;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Whether a text is an expression of the Common Expression Language that tells devices apart: its
 * syntax, its names and its types, of which the result's must be {@code bool}. The compiler is
 * loaded with the first expression; nothing is evaluated here. Pure.
 */
final class DeviceExpressions {
  /** What fits the stack of a thread several times; Kubernetes has 250. */
  private static final int MAX_DEPTH = 100;

  private static final Map<String, CelType> FIELDS =
      Map.of(
          "driver",
          SimpleType.STRING,
          "allowMultipleAllocations",
          SimpleType.BOOL,
          "attributes",
          byDomain(SimpleType.DYN),
          "capacity",
          byDomain(CelFunctions.QUANTITY));

  private static final StructType DEVICE =
      StructType.create(
          "kubernetes.DRADevice",
          ImmutableSet.copyOf(FIELDS.keySet()),
          name -> Optional.ofNullable(FIELDS.get(name)));

  private DeviceExpressions() {}

  private static CelType byDomain(CelType value) {
    return MapType.create(SimpleType.STRING, MapType.create(SimpleType.STRING, value));
  }

  /** Loaded when first asked for. */
  private static final class Compiler {
    static final CelCompiler ONE =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addMacros(CelMacros.ALL)
            .addFunctionDeclarations(CelFunctions.all())
            .setTypeProvider(new Types())
            .addVar("device", DEVICE)
            .setOptions(options())
            .build();
  }

  /** Lists and maps of one type; what would check that otherwise comes with an interpreter. */
  @SuppressWarnings("deprecation")
  private static CelOptions options() {
    return CelOptions.current()
        .maxParseRecursionDepth(MAX_DEPTH)
        .enableOptionalSyntax(true)
        .enableHomogeneousLiterals(true)
        .enableHeterogeneousNumericComparisons(true)
        .build();
  }

  /** The types besides those of the language. */
  private static final class Types implements CelTypeProvider {
    @Override
    public ImmutableList<CelType> types() {
      return ImmutableList.of(DEVICE);
    }

    @Override
    public Optional<CelType> findType(String name) {
      return name.equals(DEVICE.name()) ? Optional.of(DEVICE) : Optional.empty();
    }
  }

  /** What is wrong with it, as Kubernetes says it. */
  static Optional<String> complaint(String expression) {
    CelValidationResult parsed = Compiler.ONE.parse(expression);
    if (parsed.hasError()) {
      return Optional.of(failure(parsed, "Syntax error: ", expression));
    }
    try {
      CelValidationResult checked = Compiler.ONE.check(parsed.getAst());
      if (checked.hasError()) {
        return Optional.of(failure(checked, "", expression));
      }
      CelType result = checked.getAst().getResultType();
      return result.equals(SimpleType.BOOL) || result.equals(SimpleType.DYN)
          ? Optional.empty()
          : Optional.of("must evaluate to bool or the unknown type, not " + result.name());
    } catch (CelValidationException e) {
      throw new IllegalStateException(e); // both have no errors
    }
  }

  private static String failure(CelValidationResult result, String kind, String expression) {
    List<String> lines = expression.lines().toList();
    return result.getErrors().stream()
        .map(issue -> text(issue, kind, lines))
        .collect(Collectors.joining("\n", "compilation failed: ", ""));
  }

  /** The complaint with the line that it is about and a mark below the place. */
  private static String text(CelIssue issue, String kind, List<String> lines) {
    int line = issue.getSourceLocation().getLine();
    int column = issue.getSourceLocation().getColumn();
    String source = line >= 1 && line <= lines.size() ? lines.get(line - 1) : "";
    return "ERROR: <input>:%d:%d: %s%s\n | %s\n | %s^"
        .formatted(
            line, column + 1, kind, issue.getMessage(), source, ".".repeat(Math.max(0, column)));
  }
}
