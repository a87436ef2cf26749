/** Pod networks by others' plugins (Container Network Interface specification, 1.0.0). */
@NullMarked
package dev.wherry.agent.network.cni;

import org.jspecify.annotations.NullMarked;
