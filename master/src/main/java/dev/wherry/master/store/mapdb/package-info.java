/** What the store leaves to MapDB: values off the heap, and checkpoint files. */
@NullMarked
package dev.wherry.master.store.mapdb;

import org.jspecify.annotations.NullMarked;
