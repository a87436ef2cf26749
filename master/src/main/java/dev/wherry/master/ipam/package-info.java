/** Pure allocators of cluster IPs, node ports and the nodes' pod networks. */
@NullMarked
package dev.wherry.master.ipam;

import org.jspecify.annotations.NullMarked;
