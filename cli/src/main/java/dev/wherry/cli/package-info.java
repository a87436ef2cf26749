/** Root package of the cli module. */
@NullMarked
package dev.wherry.cli;

import org.jspecify.annotations.NullMarked;
