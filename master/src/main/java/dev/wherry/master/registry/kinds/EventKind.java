package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.ResourceDefinition;

/** Events. */
final class EventKind {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Event", "events").shortNames("ev").build();

  private EventKind() {}
}
