package dev.wherry.master.registry;

import dev.wherry.api.select.LabelSelector;

/**
 * What a list or watch selects (Kubernetes API concepts).
 *
 * @param labelSelector on the objects' labels
 * @param fieldSelector the query text, such as {@code metadata.name=x,spec.nodeName!=y}; empty
 *     selects all
 * @param limit how many at the most; 0 is without limit
 * @param continueToken from the list before; empty at the first
 * @param resourceVersion empty, {@code 0}, or a revision
 * @param resourceVersionMatch empty, {@code Exact} or {@code NotOlderThan}
 */
public record ListOptions(
    LabelSelector labelSelector,
    String fieldSelector,
    int limit,
    String continueToken,
    String resourceVersion,
    String resourceVersionMatch) {

  public static final ListOptions ALL =
      new ListOptions(LabelSelector.EVERYTHING, "", 0, "", "", "");

  public ListOptions withLabels(LabelSelector selector) {
    return new ListOptions(
        selector, fieldSelector, limit, continueToken, resourceVersion, resourceVersionMatch);
  }

  public ListOptions withFields(String selector) {
    return new ListOptions(
        labelSelector, selector, limit, continueToken, resourceVersion, resourceVersionMatch);
  }

  public ListOptions withLimit(int most) {
    return new ListOptions(
        labelSelector, fieldSelector, most, continueToken, resourceVersion, resourceVersionMatch);
  }

  public ListOptions withResourceVersion(String version) {
    return new ListOptions(
        labelSelector, fieldSelector, limit, continueToken, version, resourceVersionMatch);
  }
}
