/** The immutable JSON tree that holds every API object, and its codecs. */
@NullMarked
package dev.wherry.api.tree;

import org.jspecify.annotations.NullMarked;
