/** Linux system calls that the JDK has no words for. */
@NullMarked
package dev.wherry.agent.linux;

import org.jspecify.annotations.NullMarked;
