/**
 * Build step of {@code api}: reads the sources of the published Kubernetes protobuf classes and
 * writes the schema table that {@code api} loads. Nothing of it is shipped.
 */
@NullMarked
package dev.wherry.schemagenerator;

import org.jspecify.annotations.NullMarked;
