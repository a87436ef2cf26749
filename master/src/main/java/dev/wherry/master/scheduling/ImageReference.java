package dev.wherry.master.scheduling;

/** The name of an image in full, so that a pod's and a node's can be compared. */
final class ImageReference {
  private static final String REGISTRY = "docker.io/";
  private static final String LIBRARY = "library/";

  private ImageReference() {}

  /** With registry and tag: {@code hello} is {@code docker.io/library/hello:latest}. */
  static String full(String image) {
    int slash = image.indexOf('/');
    String first = slash < 0 ? "" : image.substring(0, slash);
    boolean hasRegistry =
        first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
    String named = hasRegistry ? image : REGISTRY + (slash < 0 ? LIBRARY : "") + image;
    String last = named.substring(named.lastIndexOf('/') + 1);
    return last.indexOf(':') >= 0 || last.indexOf('@') >= 0 ? named : named + ":latest";
  }
}
