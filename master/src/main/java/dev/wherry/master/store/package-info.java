/** The revisioned key-value store of bytes under the registry. */
@NullMarked
package dev.wherry.master.store;

import org.jspecify.annotations.NullMarked;
