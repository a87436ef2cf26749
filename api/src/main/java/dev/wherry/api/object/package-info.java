/** Names and identities of API objects: group, version, kind, key, metadata. */
@NullMarked
package dev.wherry.api.object;

import org.jspecify.annotations.NullMarked;
