package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** A class of Ingresses, typed. */
public record IngressClassView(Obj tree) implements ObjectView {
  /** In {@code spec.controller} of classes that Wherry's nodes serve. */
  public static final String CONTROLLER = "wherry.dev/ingress";

  /** Which nodes serve the class, as {@code kubectl -l} has it; all of them without it. */
  public static final String NODE_SELECTOR = "wherry.dev/node-selector";

  private static final String IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class";

  /** How Ingresses told their class before {@code spec.ingressClassName}. */
  private static final String OLD_NAME = "kubernetes.io/ingress.class";

  public boolean isOurs() {
    return tree.obj("spec").string("controller").equals(CONTROLLER);
  }

  public boolean isDefault() {
    return meta().annotations().getOrDefault(IS_DEFAULT, "").equals("true");
  }

  /**
   * Whether a node with these labels serves the class.
   *
   * @throws IllegalArgumentException when the selector cannot be parsed; the message says which
   */
  public boolean isServedBy(Map<String, String> nodeLabels) {
    String selector = meta().annotations().getOrDefault(NODE_SELECTOR, "");
    return LabelSelector.parse(selector).matches(nodeLabels);
  }

  /** Our class that an Ingress is of, among all there are; empty: another controller's. */
  public static Optional<IngressClassView> of(Obj ingress, Collection<Obj> classes) {
    String old = Meta.of(ingress).annotations().getOrDefault(OLD_NAME, "");
    String name = ingress.obj("spec").string("ingressClassName", old);
    return classes.stream()
        .map(IngressClassView::new)
        .filter(IngressClassView::isOurs)
        .filter(each -> name.isEmpty() ? each.isDefault() : each.meta().name().equals(name))
        .findFirst();
  }
}
