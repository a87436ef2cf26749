/**
 * The store on disk: a log that is synced before a write is acknowledged, checkpoints that bound
 * it, and the recovery from both.
 */
@NullMarked
package dev.wherry.master.store.disk;

import org.jspecify.annotations.NullMarked;
