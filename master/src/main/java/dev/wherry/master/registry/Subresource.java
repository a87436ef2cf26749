package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A part of a resource with a path of its own, such as {@code status}.
 *
 * @param kind of the objects that come and go there
 * @param verbs as discovery names them
 * @param behaviour what the verbs do
 */
public record Subresource(
    String name, GroupVersionKind kind, List<String> verbs, Behaviour behaviour) {

  /** What a subresource does. The functions are pure. */
  public sealed interface Behaviour {
    /**
     * A part that is read, updated and patched.
     *
     * @param view the part of an object
     * @param merge the object with this part; takes the part, then the object
     */
    record Part(UnaryOperator<Obj> view, BinaryOperator<Obj> merge) implements Behaviour {}

    /**
     * Something that is done to an object by a create; the answer is a Status.
     *
     * @param deed what it makes of the object
     */
    record Action(Deed deed) implements Behaviour {}

    /** The object as it is after an action. */
    @FunctionalInterface
    interface Deed {
      Obj apply(Obj request, Obj object, Instant now);
    }

    /** A create that evicts the pod: deletes it, as the request says, where its budget allows. */
    record Removal(Function<Obj, DeleteOptions> options) implements Behaviour {}

    /** What stands before the registry answers it, such as {@code token} of an account. */
    record Answered() implements Behaviour {}

    /** The {@link Connector} serves it: a stream to the object's node. */
    record Stream() implements Behaviour {}
  }

  public Subresource {
    verbs = List.copyOf(verbs);
  }

  /** Whether the {@link Connector} serves it, and not {@code ObjectAccess}. */
  public boolean isStream() {
    return behaviour instanceof Behaviour.Stream;
  }
}
