/** Endpoint slices and endpoints of services with a selector. */
@NullMarked
package dev.wherry.master.controllers.endpoints;

import org.jspecify.annotations.NullMarked;
