/**
 * The append-only log under the store: frames of records in segment files, one sync a frame. It
 * knows bytes and indexes, not what they mean.
 */
@NullMarked
package dev.wherry.master.store.log;

import org.jspecify.annotations.NullMarked;
