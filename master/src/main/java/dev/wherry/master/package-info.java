/** Root package of the master module. */
@NullMarked
package dev.wherry.master;

import org.jspecify.annotations.NullMarked;
