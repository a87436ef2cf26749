/**
 * The schema table: the types of the Kubernetes API with their fields, as the build read them from
 * the published sources; and checks of objects against it.
 */
@NullMarked
package dev.wherry.api.schema;

import org.jspecify.annotations.NullMarked;
