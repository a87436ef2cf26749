/** What the outside sees of Ingresses. */
@NullMarked
package dev.wherry.master.controllers.ingress;

import org.jspecify.annotations.NullMarked;
