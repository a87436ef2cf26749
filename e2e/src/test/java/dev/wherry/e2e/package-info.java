/**
 * Scenarios with real parts: the wherry command, kubectl, Podman, nftables, in network namespaces
 * of their own.
 */
@NullMarked
package dev.wherry.e2e;

import org.jspecify.annotations.NullMarked;
