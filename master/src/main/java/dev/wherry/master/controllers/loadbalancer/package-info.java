/** Addresses of services of type LoadBalancer. */
@NullMarked
package dev.wherry.master.controllers.loadbalancer;

import org.jspecify.annotations.NullMarked;
