/** Changes of interfaces, addresses, neighbours and routes, and who carries them out. */
@NullMarked
package dev.wherry.agent.ip;

import org.jspecify.annotations.NullMarked;
