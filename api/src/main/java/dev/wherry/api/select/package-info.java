/** Label and field selectors. */
@NullMarked
package dev.wherry.api.select;

import org.jspecify.annotations.NullMarked;
