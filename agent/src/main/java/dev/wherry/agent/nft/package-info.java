/** Runs nftables commands. */
@NullMarked
package dev.wherry.agent.nft;

import org.jspecify.annotations.NullMarked;
