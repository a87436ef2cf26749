/** Tests of the store: one contract for all stores, a model, crashes, damage. */
@NullMarked
package dev.wherry.master.store;

import org.jspecify.annotations.NullMarked;
