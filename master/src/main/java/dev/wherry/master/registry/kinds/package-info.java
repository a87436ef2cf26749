/** The kinds that are built in: one {@code ResourceDefinition} each. */
@NullMarked
package dev.wherry.master.registry.kinds;

import org.jspecify.annotations.NullMarked;
