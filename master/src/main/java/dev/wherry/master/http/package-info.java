/** The Kubernetes API over HTTPS: paths, content negotiation, watch streams, upgrades. */
@NullMarked
package dev.wherry.master.http;

import org.jspecify.annotations.NullMarked;
