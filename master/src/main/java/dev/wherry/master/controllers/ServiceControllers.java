package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.master.controllers.endpoints.EndpointsController;
import dev.wherry.master.controllers.ingress.IngressAddresses;
import dev.wherry.master.controllers.loadbalancer.LoadBalancerController;
import dev.wherry.master.reconcile.Informer;

/** The controllers behind services and ingresses. */
final class ServiceControllers {
  private ServiceControllers() {}

  static void addTo(ControllerContext context, Informer ingresses) {
    Informer slices = context.informer(GroupResource.ENDPOINT_SLICES);
    Informer endpoints = context.informer(GroupResource.ENDPOINTS);
    context.add(
        new EndpointsController(
            context.as("endpointslice-controller"),
            context.shared(),
            slices,
            endpoints,
            context.recorder("endpoint-slice-controller"),
            context.timer()));
    context.add(
        new IngressAddresses(
            context.as("ingress-status-controller"),
            context.shared(),
            ingresses,
            context.informer(GroupResource.INGRESS_CLASSES),
            context.timer()));
    context.add(
        new LoadBalancerController(
            context.as(LoadBalancerController.NAME),
            context.shared(),
            slices,
            context.options().loadBalancers(),
            context.recorder(LoadBalancerController.NAME),
            context.timer()));
  }
}
