/** Informers, work queues with back-off, runners of reconcilers, and the recorder of events. */
@NullMarked
package dev.wherry.master.reconcile;

import org.jspecify.annotations.NullMarked;
