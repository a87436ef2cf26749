@NullMarked
package dev.wherry.master.audit;

import org.jspecify.annotations.NullMarked;
