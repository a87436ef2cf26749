/** IP addresses and ranges of either family. */
@NullMarked
package dev.wherry.api.address;

import org.jspecify.annotations.NullMarked;
