/** Small typed views over API trees. */
@NullMarked
package dev.wherry.api.view;

import org.jspecify.annotations.NullMarked;
