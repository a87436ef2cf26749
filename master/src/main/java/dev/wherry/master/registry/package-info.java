/** Definitions of the resources and one generic implementation of every verb. */
@NullMarked
package dev.wherry.master.registry;

import org.jspecify.annotations.NullMarked;
