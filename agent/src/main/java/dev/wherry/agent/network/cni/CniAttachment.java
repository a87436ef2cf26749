package dev.wherry.agent.network.cni;

import dev.wherry.agent.network.cni.CniPlugins.Attachment;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A pod's connection: by which configuration and plugins, with which arguments, with what result.
 * As it stands in its file. Immutable.
 *
 * @param result of the last plugin; empty while they are at work
 */
record CniAttachment(
    CniConfig config, CniPlugins plugins, Attachment pod, Obj arguments, Obj result) {
  static final String FILE = "cni.json";

  static CniAttachment read(byte[] json) {
    Obj tree = Json.read(json);
    return new CniAttachment(
        CniConfig.parse(Json.text(tree.obj("config"))),
        new CniPlugins(tree.strings("path").stream().map(Path::of).toList()),
        new Attachment(
            tree.string("containerId"),
            Path.of(tree.string("namespace")),
            tree.string("arguments")),
        tree.obj("runtimeConfig"),
        tree.obj("result"));
  }

  Obj toTree() {
    return Obj.of(
        "config", config.toTree(),
        "path", plugins.directories().stream().map(Path::toString).toList(),
        "containerId", pod.id(),
        "namespace", pod.namespace().toString(),
        "arguments", pod.arguments(),
        "runtimeConfig", arguments,
        "result", result);
  }

  CniAttachment with(Obj now) {
    return new CniAttachment(config, plugins, pod, arguments, now);
  }

  /** Runs the plugins in order, each with the result of the one before it; the last one's. */
  Obj add() throws IOException, InterruptedException {
    Obj last = Obj.EMPTY;
    for (Obj plugin : config.plugins()) {
      Obj answer = plugins.run("ADD", pod, config.input(plugin, last, arguments));
      last = answer.isEmpty() ? last : answer;
    }
    return last;
  }

  /** Asks the plugins, in order, whether all is as they made it. */
  void check() throws IOException, InterruptedException {
    if (config.canCheck()) {
      for (Obj plugin : config.plugins()) {
        plugins.run("CHECK", pod, config.input(plugin, result, arguments));
      }
    }
  }

  /** Runs the plugins in opposite order; deleting what is gone is no failure to them. */
  void delete() throws IOException, InterruptedException {
    Obj told = config.tellsResultOnDeletion() ? result : Obj.EMPTY;
    List<Obj> all = config.plugins();
    for (Obj plugin : all.reversed()) {
      plugins.run("DEL", pod, config.input(plugin, told, arguments));
    }
  }
}
