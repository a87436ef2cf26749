package dev.wherry.api.object;

import dev.wherry.api.tree.Obj;
import org.jspecify.annotations.Nullable;

/** The type of an API object; the core group is the empty string. */
public record GroupVersionKind(String group, String version, String kind) {

  /** From the object's own {@code apiVersion} and {@code kind}. */
  public static GroupVersionKind of(Obj object) {
    return of(object.string("apiVersion"), object.string("kind"));
  }

  public static GroupVersionKind of(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    return slash < 0
        ? new GroupVersionKind("", apiVersion, kind)
        : new GroupVersionKind(
            apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
  }

  // Written out, as in ObjectKey.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GroupVersionKind that
        && kind.equals(that.kind)
        && version.equals(that.version)
        && group.equals(that.group);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * group.hashCode() + version.hashCode()) + kind.hashCode();
  }

  /** {@code v1}, or {@code apps/v1}. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }
}
