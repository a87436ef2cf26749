/** Recent usage of nodes and pods, as their agents tell it. */
@NullMarked
package dev.wherry.master.samples;

import org.jspecify.annotations.NullMarked;
