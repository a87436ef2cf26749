package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** What a probe or a lifecycle hook does. */
public sealed interface Handler {
  record Exec(List<String> command) implements Handler {}

  /**
   * {@code port} is a number or a container port's name; an empty host is the pod's address; {@code
   * scheme} is {@code HTTP} or {@code HTTPS}.
   */
  record HttpGet(String scheme, String host, String port, String path, List<Header> headers)
      implements Handler {}

  record TcpSocket(String host, String port) implements Handler {}

  record Grpc(int port, String service) implements Handler {}

  record Sleep(long seconds) implements Handler {}

  /** Nothing that is known. */
  record None() implements Handler {}

  /** A header of an HTTP request. */
  record Header(String name, String value) {}

  /** From a probe or a lifecycle handler. */
  static Handler of(Obj tree) {
    if (tree.has("exec")) {
      return new Exec(tree.obj("exec").strings("command"));
    }
    if (tree.has("httpGet")) {
      Obj get = tree.obj("httpGet");
      return new HttpGet(
          get.string("scheme", "HTTP"),
          get.string("host"),
          port(get),
          get.string("path", "/"),
          Fields.views(
              get,
              "httpHeaders",
              header -> new Header(header.string("name"), header.string("value"))));
    }
    if (tree.has("tcpSocket")) {
      Obj socket = tree.obj("tcpSocket");
      return new TcpSocket(socket.string("host"), port(socket));
    }
    if (tree.has("grpc")) {
      Obj grpc = tree.obj("grpc");
      return new Grpc((int) grpc.number("port", 0), grpc.string("service"));
    }
    if (tree.has("sleep")) {
      return new Sleep(tree.obj("sleep").number("seconds", 0));
    }
    return new None();
  }

  private static String port(Obj tree) {
    return tree.get("port").orElse("").toString();
  }
}
