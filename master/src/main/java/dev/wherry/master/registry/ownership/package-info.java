/** Who set which field: server-side apply and {@code metadata.managedFields}. Pure. */
@NullMarked
package dev.wherry.master.registry.ownership;

import org.jspecify.annotations.NullMarked;
