package dev.wherry.master.fleet;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;

/** Objects for tests, from JSON with single quotes. */
final class Samples {
  private Samples() {}

  static Obj obj(String json) {
    return Json.read(json.replace('\'', '"'));
  }

  static Obj pod(String name, String node) {
    return obj(
        """
        {'apiVersion':'v1','kind':'Pod',
         'metadata':{'namespace':'default','name':'%s'},
         'spec':{'nodeName':'%s','containers':[{'name':'c','image':'i'}]},
         'status':{'phase':'Pending'}}"""
            .formatted(name, node));
  }

  static Obj configMap(String name, String value) {
    return obj(
        """
        {'apiVersion':'v1','kind':'ConfigMap','metadata':{'namespace':'default','name':'%s'},
         'data':{'key':'%s'}}"""
            .formatted(name, value));
  }

  static Obj service(String name) {
    return obj(
        """
        {'apiVersion':'v1','kind':'Service','metadata':{'namespace':'default','name':'%s'},
         'spec':{'ports':[{'port':80}]}}"""
            .formatted(name));
  }
}
