/** Pods of the node's own, from files in a folder (Kubernetes: static pods). */
@NullMarked
package dev.wherry.agent.staticpods;

import org.jspecify.annotations.NullMarked;
