package dev.wherry.agent.ingress;

import dev.wherry.api.object.ObjectKey;

/**
 * A service's port as an Ingress names it.
 *
 * @param portName empty where the port is named by number
 * @param portNumber 0 where it is named by name
 */
record ServicePortRef(ObjectKey service, String portName, int portNumber) {
  /** Written out: it is asked once a request, and a record's own is slow before C2. */
  @Override
  public int hashCode() {
    return (31 * service.hashCode() + portName.hashCode()) * 31 + portNumber;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof ServicePortRef(var otherService, var otherName, var otherNumber)
            && portNumber == otherNumber
            && service.equals(otherService)
            && portName.equals(otherName);
  }
}
