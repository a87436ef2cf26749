/** The life of nodes: heartbeats, taints, and pods that leave a node that is gone. */
@NullMarked
package dev.wherry.master.controllers.node;

import org.jspecify.annotations.NullMarked;
