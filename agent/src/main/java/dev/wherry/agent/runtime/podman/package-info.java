/** Podman: its service, its REST API, its files. The only package that knows docker-java. */
@NullMarked
package dev.wherry.agent.runtime.podman;

import org.jspecify.annotations.NullMarked;
