package dev.wherry.master.registry.kinds;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelIssue;
import dev.cel.common.Operator;
import dev.cel.common.ast.CelExpr;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import java.util.List;
import java.util.Optional;

/**
 * The macros that expressions have in Kubernetes 1.36 beside those of the language: bindings,
 * optional values, and comprehensions of two variables. They expand to what has the same types, and
 * not always to what has the same value: nothing here is evaluated. Pure.
 */
final class CelMacros {
  private static final String UNUSED = "#unused";

  static final List<CelMacro> ALL =
      List.of(
          CelMacro.newReceiverMacro("bind", 3, CelMacros::bind),
          CelMacro.newReceiverMacro("optMap", 2, CelMacros::optional),
          CelMacro.newReceiverMacro("optFlatMap", 2, CelMacros::flat),
          CelMacro.newReceiverMacro("all", 3, CelMacros::test),
          CelMacro.newReceiverMacro("exists", 3, CelMacros::test),
          CelMacro.newReceiverMacro("existsOne", 3, CelMacros::test),
          CelMacro.newReceiverMacro("exists_one", 3, CelMacros::test),
          CelMacro.newReceiverMacro("transformList", 3, CelMacros::toList),
          CelMacro.newReceiverMacro("transformList", 4, CelMacros::toList),
          CelMacro.newReceiverMacro("transformMap", 3, CelMacros::toMap),
          CelMacro.newReceiverMacro("transformMap", 4, CelMacros::toMap),
          CelMacro.newReceiverMacro("transformMapEntry", 3, CelMacros::toEntries),
          CelMacro.newReceiverMacro("transformMapEntry", 4, CelMacros::toEntries));

  private CelMacros() {}

  /** {@code cel.bind(name, value, expression)}. */
  private static Optional<CelExpr> bind(
      CelMacroExprFactory make, CelExpr target, ImmutableList<CelExpr> of) {
    if (!isIdentifier(target) || !target.ident().name().equals("cel")) {
      return Optional.empty();
    }
    return Optional.of(
        isIdentifier(of.get(0)) ? bound(make, of.get(0), of.get(1), of.get(2)) : named(make, of));
  }

  private static CelExpr bound(
      CelMacroExprFactory make, CelExpr name, CelExpr value, CelExpr expression) {
    String variable = name.ident().name();
    return make.fold(
        UNUSED,
        make.newList(),
        variable,
        value,
        make.newBoolLiteral(false),
        make.newIdentifier(variable),
        expression);
  }

  /** {@code optional.optMap(name, expression)}. */
  private static Optional<CelExpr> optional(
      CelMacroExprFactory make, CelExpr target, ImmutableList<CelExpr> of) {
    return flat(
        make, target, ImmutableList.of(of.get(0), make.newGlobalCall("optional.of", of.get(1))));
  }

  /**
   * {@code optional.optFlatMap(name, optional)}. A target that stood twice would double with each.
   */
  private static Optional<CelExpr> flat(
      CelMacroExprFactory make, CelExpr target, ImmutableList<CelExpr> of) {
    if (!isIdentifier(of.get(0))) {
      return Optional.of(named(make, of));
    }
    CelExpr value = make.newReceiverCall("value", target);
    return Optional.of(
        make.newGlobalCall(
            Operator.CONDITIONAL.getFunction(),
            make.newBoolLiteral(true),
            bound(make, of.get(0), value, of.get(1)),
            make.newGlobalCall("optional.none")));
  }

  private static Optional<CelExpr> test(
      CelMacroExprFactory make, CelExpr target, ImmutableList<CelExpr> of) {
    CelExpr step = make.newGlobalCall(Operator.LOGICAL_AND.getFunction(), result(make), of.get(2));
    return folded(make, target, of, make.newBoolLiteral(true), step);
  }

  private static Optional<CelExpr> toList(
      CelMacroExprFactory make, CelExpr target, ImmutableList<CelExpr> of) {
    CelExpr more = make.newList(of.getLast());
    CelExpr sum = make.newGlobalCall(Operator.ADD.getFunction(), result(make), more);
    return folded(make, target, of, make.newList(), filtered(make, of, sum));
  }

  private static Optional<CelExpr> toMap(
      CelMacroExprFactory make, CelExpr target, ImmutableList<CelExpr> of) {
    CelExpr more = make.newMap(make.newMapEntry(make.copy(of.get(0)), of.getLast()));
    return folded(make, target, of, make.newMap(), filtered(make, of, more));
  }

  private static Optional<CelExpr> toEntries(
      CelMacroExprFactory make, CelExpr target, ImmutableList<CelExpr> of) {
    return folded(make, target, of, make.newMap(), filtered(make, of, of.getLast()));
  }

  /** The step, taken where the filter between the variables and it holds, if there is one. */
  private static CelExpr filtered(
      CelMacroExprFactory make, ImmutableList<CelExpr> of, CelExpr step) {
    return of.size() < 4
        ? step
        : make.newGlobalCall(Operator.CONDITIONAL.getFunction(), of.get(2), step, result(make));
  }

  private static Optional<CelExpr> folded(
      CelMacroExprFactory make,
      CelExpr target,
      ImmutableList<CelExpr> of,
      CelExpr start,
      CelExpr step) {
    if (!isIdentifier(of.get(0)) || !isIdentifier(of.get(1))) {
      return Optional.of(named(make, of));
    }
    return Optional.of(
        make.fold(
            of.get(0).ident().name(),
            of.get(1).ident().name(),
            target,
            make.getAccumulatorVarName(),
            start,
            make.newBoolLiteral(true),
            step,
            result(make)));
  }

  private static CelExpr result(CelMacroExprFactory make) {
    return make.newIdentifier(make.getAccumulatorVarName());
  }

  private static boolean isIdentifier(CelExpr expression) {
    return expression.exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT;
  }

  private static CelExpr named(CelMacroExprFactory make, ImmutableList<CelExpr> of) {
    CelExpr wrong = isIdentifier(of.get(0)) ? of.get(1) : of.get(0);
    return make.reportError(
        CelIssue.formatError(make.getSourceLocation(wrong), "argument must be a simple name"));
  }
}
