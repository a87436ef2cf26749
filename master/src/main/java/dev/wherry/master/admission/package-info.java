/** What a write has to pass before it is stored: steps that change it and steps that refuse it. */
@NullMarked
package dev.wherry.master.admission;

import org.jspecify.annotations.NullMarked;
