package dev.wherry.agent.ingress;

import dev.wherry.agent.ingress.Destination.Endpoints;

/** Where a request of a route is led, and how its backends are spoken to. Immutable. */
record Backends(Route route, Endpoints endpoints, BackendProtocol protocol, BackendPool pool) {}
