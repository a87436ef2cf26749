package dev.wherry.agent.network;

/** How packets reach the pods of other nodes. */
public enum PeerMode {
  /** By a route where the other node is on a segment of this one, else through a tunnel. */
  AUTO,
  /** By routes alone; what is not on a segment is left to the network's own routers. */
  ROUTES,
  /** Through a tunnel (VXLAN, RFC 7348) always. */
  VXLAN
}
