/**
 * The OpenAPI documents of the server, made from the schema table and the resources that are
 * served: version 2 in JSON and protobuf, version 3 in JSON for each group version. Clients check
 * manifests against them, patch with their merge keys, and explain fields with their descriptions.
 */
@NullMarked
package dev.wherry.api.schema.openapi;

import org.jspecify.annotations.NullMarked;
