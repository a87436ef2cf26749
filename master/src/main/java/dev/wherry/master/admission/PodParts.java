package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What the checks of pod security look at, and how they say what they find. Pure. */
final class PodParts {
  private PodParts() {}

  static Obj security(Obj holder) {
    return holder.obj("securityContext");
  }

  /** Whether the pod has a user namespace of its own. */
  static boolean hasOwnUsers(Obj pod) {
    return !pod.obj("spec").flag("hostUsers", true);
  }

  static List<Obj> containers(Obj pod) {
    List<Obj> all = new ArrayList<>();
    for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
      all.addAll(pod.obj("spec").objs(list));
    }
    return all;
  }

  static List<String> names(Obj pod, Predicate<Obj> bad) {
    List<String> names = new ArrayList<>();
    for (Obj each : containers(pod)) {
      if (bad.test(each)) {
        names.add(each.string("name"));
      }
    }
    return names;
  }

  static String quoted(String one, String many, Iterable<String> names) {
    List<String> all = new ArrayList<>();
    names.forEach(each -> all.add("\"" + each + "\""));
    return (all.size() == 1 ? one : many) + " " + String.join(", ", all);
  }

  static void addContainers(
      Obj pod, Predicate<Obj> bad, String what, String must, List<String> found) {
    List<String> names = names(pod, bad);
    if (!names.isEmpty()) {
      found.add(what + " (" + quoted("container", "containers", names) + " " + must + ")");
    }
  }

  static void setters(Obj pod, Predicate<Obj> bad, String text, String what, List<String> found) {
    List<String> who = new ArrayList<>();
    if (bad.test(pod.obj("spec"))) {
      who.add("pod");
    }
    List<String> names = names(pod, bad);
    if (!names.isEmpty()) {
      who.add(quoted("container", "containers", names));
    }
    if (!who.isEmpty()) {
      found.add(what + " (" + String.join(" and ", who) + " " + text + ")");
    }
  }

  static String seccomp(Obj holder) {
    return security(holder).obj("seccompProfile").string("type");
  }
}
