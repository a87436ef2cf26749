/** Certificate signing requests: signed once they are approved, removed once they are old. */
@NullMarked
package dev.wherry.master.controllers.certificate;

import org.jspecify.annotations.NullMarked;
