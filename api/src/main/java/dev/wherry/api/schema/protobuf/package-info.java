/**
 * Kubernetes' protobuf encoding of API objects, {@code application/vnd.kubernetes.protobuf}, driven
 * by the schema table.
 */
@NullMarked
package dev.wherry.api.schema.protobuf;

import org.jspecify.annotations.NullMarked;
