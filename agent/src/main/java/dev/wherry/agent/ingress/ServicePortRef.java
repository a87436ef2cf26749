package dev.wherry.agent.ingress;

import dev.wherry.api.object.ObjectKey;

/**
 * A service's port as an Ingress names it.
 *
 * @param portName empty where the port is named by number
 * @param portNumber 0 where it is named by name
 */
record ServicePortRef(ObjectKey service, String portName, int portNumber) {}
