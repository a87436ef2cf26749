/** Bootstrap tokens: what they sign, and their end. */
@NullMarked
package dev.wherry.master.controllers.bootstrap;

import org.jspecify.annotations.NullMarked;
