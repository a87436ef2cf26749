/** Where a pod goes: pure. No clock, thread, logger or I/O. */
@NullMarked
package dev.wherry.master.scheduling;

import org.jspecify.annotations.NullMarked;
