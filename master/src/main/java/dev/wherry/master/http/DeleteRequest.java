package dev.wherry.master.http;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.BuiltInSchema;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Incoming;
import dev.wherry.master.registry.WriteOptions;
import java.util.OptionalLong;

/** Reads how a delete is meant, from the body of the request and its query. Stateless. */
final class DeleteRequest {
  private static final GroupVersionKind TYPE = new GroupVersionKind("", "v1", "DeleteOptions");
  private static final Incoming INCOMING = new Incoming(new BuiltInSchema(SchemaTable.builtIn()));

  private DeleteRequest() {}

  /**
   * {@code metav1.DeleteOptions}: of the body where there is one, what lacks of the query.
   *
   * @throws StatusException BAD_REQUEST for a body that is something else; INVALID for options that
   *     cannot be
   */
  static DeleteOptions options(ApiRequest request) {
    Obj body = RequestBody.object(request).value();
    // Clients name the group of what they delete: the options are the same in each.
    Obj options = INCOMING.accepted(TYPE, body.without("apiVersion"), WriteOptions.DEFAULT);
    return DeleteOptions.of(completed(options, request.query()));
  }

  private static Obj completed(Obj body, Query query) {
    Obj options = body;
    OptionalLong grace = query.number("gracePeriodSeconds");
    if (!options.has("gracePeriodSeconds") && grace.isPresent()) {
      options = options.with("gracePeriodSeconds", grace.getAsLong());
    }
    if (!options.has("propagationPolicy") && query.has("propagationPolicy")) {
      options = options.with("propagationPolicy", query.text("propagationPolicy"));
    }
    if (!options.has("orphanDependents") && query.has("orphanDependents")) {
      options = options.with("orphanDependents", query.flag("orphanDependents"));
    }
    return options.has("dryRun") ? options : options.with("dryRun", query.all("dryRun"));
  }
}
