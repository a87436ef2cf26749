package dev.wherry.agent.ip;

import static dev.wherry.agent.ip.Rtnetlink.*;

import dev.wherry.agent.linux.LinuxException;
import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One message of the kernel's (netlink(7), rtnetlink(7)). Pure; reads what it was made of without
 * changing it.
 *
 * @param payload what follows the head
 */
record NetlinkAnswer(int type, int flags, int sequence, ByteBuffer payload) {
  private static final int IFINFOMSG_BYTES = 16;
  private static final int RTMSG_BYTES = 12;
  private static final int NDMSG_BYTES = 12;
  private static final int ATTRIBUTE_HEAD_BYTES = 4;
  private static final int TYPE_MASK = 0x3fff;

  /**
   * The messages of a datagram.
   *
   * @throws IOException when it is cut off
   */
  static List<NetlinkAnswer> parse(ByteBuffer datagram) throws IOException {
    List<NetlinkAnswer> messages = new ArrayList<>();
    int at = 0;
    while (at + NetlinkWriter.HEAD_BYTES <= datagram.limit()) {
      int length = datagram.getInt(at);
      if (length < NetlinkWriter.HEAD_BYTES || at + length > datagram.limit()) {
        throw new IOException(
            "a netlink message of %d bytes at %d of %d".formatted(length, at, datagram.limit()));
      }
      messages.add(
          new NetlinkAnswer(
              datagram.getShort(at + 4) & 0xffff,
              datagram.getShort(at + 6) & 0xffff,
              datagram.getInt(at + 8),
              slice(datagram, at + NetlinkWriter.HEAD_BYTES, length - NetlinkWriter.HEAD_BYTES)));
      at += aligned(length);
    }
    return messages;
  }

  private static int aligned(int length) {
    return length + ATTRIBUTE_HEAD_BYTES - 1 & -ATTRIBUTE_HEAD_BYTES;
  }

  private static ByteBuffer slice(ByteBuffer buffer, int at, int length) {
    return buffer.slice(at, length).order(ByteOrder.nativeOrder());
  }

  boolean isLast() {
    return type == NLMSG_DONE || type == NLMSG_ERROR;
  }

  boolean wasDisturbed() {
    return (flags & NLM_F_DUMP_INTR) != 0;
  }

  /**
   * @param what was asked, for the words of a failure
   * @throws LinuxException when this says that the request failed
   */
  void check(String what) throws LinuxException {
    if (isLast() && payload.limit() >= 4 && payload.getInt(0) < 0) {
      throw new LinuxException(what, -payload.getInt(0), words());
    }
  }

  /** The kernel's own words on what was wrong; empty where it has none. */
  private String words() {
    int start = type == NLMSG_ERROR ? 4 + NetlinkWriter.HEAD_BYTES : 4;
    if ((flags & NLM_F_ACK_TLVS) == 0 || payload.limit() < start) {
      return "";
    }
    ByteBuffer words = attributes(payload, start).get(NLMSGERR_ATTR_MSG);
    return words == null ? "" : text(words);
  }

  int linkIndex() {
    return payload.getInt(4);
  }

  Optional<String> linkName() {
    return Optional.ofNullable(attributes(payload, IFINFOMSG_BYTES).get(IFLA_IFNAME))
        .map(NetlinkAnswer::text);
  }

  /** The tunnel that this link is; empty: it is something else. */
  Optional<Tunnel> tunnel() throws IOException {
    Map<Integer, ByteBuffer> link = attributes(payload, IFINFOMSG_BYTES);
    Map<Integer, ByteBuffer> info = nested(link, IFLA_LINKINFO);
    ByteBuffer kind = info.get(IFLA_INFO_KIND);
    if (kind == null || !text(kind).equals("vxlan")) {
      return Optional.empty();
    }
    Map<Integer, ByteBuffer> vxlan = nested(info, IFLA_INFO_DATA);
    ByteBuffer local = vxlan.getOrDefault(IFLA_VXLAN_LOCAL, vxlan.get(IFLA_VXLAN_LOCAL6));
    if (local == null || !link.keySet().containsAll(List.of(IFLA_IFNAME, IFLA_MTU, IFLA_ADDRESS))) {
      return Optional.empty(); // somebody else's
    }
    return Optional.of(
        new Tunnel(
            text(present(link, IFLA_IFNAME)),
            HardwareAddress.of(bytes(present(link, IFLA_ADDRESS))),
            present(link, IFLA_MTU).getInt(0),
            present(vxlan, IFLA_VXLAN_ID).getInt(0),
            address(local),
            present(vxlan, IFLA_VXLAN_PORT).order(ByteOrder.BIG_ENDIAN).getShort(0) & 0xffff));
  }

  /**
   * The route that this is; empty: one of another family or kind.
   *
   * @param device the name of {@link #outDevice}
   */
  Optional<IpRoute> route(String device) throws IOException {
    int family = payload.get(0);
    int kind = payload.get(7);
    Map<Integer, ByteBuffer> attributes = attributes(payload, RTMSG_BYTES);
    if (family != AF_INET && family != AF_INET6 || kind != RTN_UNICAST && kind != RTN_LOCAL) {
      return Optional.empty();
    }
    ByteBuffer to = attributes.get(RTA_DST);
    Ip first = to == null ? Ip.parse(family == AF_INET ? "0.0.0.0" : "::") : address(to);
    IpRoute route =
        new IpRoute(
            new Cidr(first, payload.get(1) & 0xff),
            kind == RTN_LOCAL
                ? IpRoute.Kind.LOCAL
                : (payload.getInt(8) & RTNH_F_ONLINK) == 0
                    ? IpRoute.Kind.UNICAST
                    : IpRoute.Kind.ON_LINK,
            device,
            optional(attributes.get(RTA_GATEWAY)),
            optional(attributes.get(RTA_PREFSRC)),
            protocol());
    return Optional.of(route);
  }

  /** The index of the device that a route leads through; empty: through several, or none. */
  OptionalInt outDevice() {
    ByteBuffer out = attributes(payload, RTMSG_BYTES).get(RTA_OIF);
    return out == null ? OptionalInt.empty() : OptionalInt.of(out.getInt(0));
  }

  /** Of a route. */
  int protocol() {
    return payload.get(5) & 0xff;
  }

  /** The index of the device of a neighbour or a remote. */
  int neighbourDevice() {
    return payload.getInt(4);
  }

  /** The neighbour that this is for good; empty: one that was found on the wire. */
  Optional<Neighbour> neighbour(String device) throws IOException {
    Map<Integer, ByteBuffer> attributes = attributes(payload, NDMSG_BYTES);
    return isPermanent() && attributes.keySet().containsAll(List.of(NDA_DST, NDA_LLADDR))
        ? Optional.of(
            new Neighbour(
                address(present(attributes, NDA_DST)), hardwareAddress(attributes), device))
        : Optional.empty();
  }

  /** The remote that this is; empty: a hardware address that is on no other node. */
  Optional<Remote> remote(String device) throws IOException {
    Map<Integer, ByteBuffer> attributes = attributes(payload, NDMSG_BYTES);
    return attributes.keySet().containsAll(List.of(NDA_DST, NDA_LLADDR))
        ? Optional.of(
            new Remote(hardwareAddress(attributes), device, address(present(attributes, NDA_DST))))
        : Optional.empty();
  }

  private boolean isPermanent() {
    return (payload.getShort(8) & NUD_PERMANENT) != 0;
  }

  private static HardwareAddress hardwareAddress(Map<Integer, ByteBuffer> attributes)
      throws IOException {
    return HardwareAddress.of(bytes(present(attributes, NDA_LLADDR)));
  }

  private static ByteBuffer present(Map<Integer, ByteBuffer> attributes, int type)
      throws IOException {
    ByteBuffer value = attributes.get(type);
    if (value == null) {
      throw new IOException("a netlink message without its attribute " + type);
    }
    return value;
  }

  private static Map<Integer, ByteBuffer> nested(Map<Integer, ByteBuffer> in, int type) {
    ByteBuffer nest = in.get(type);
    return nest == null ? Map.of() : attributes(nest, 0);
  }

  /** By their types; one that is cut off ends them. */
  private static Map<Integer, ByteBuffer> attributes(ByteBuffer in, int start) {
    Map<Integer, ByteBuffer> attributes = new HashMap<>();
    int at = start;
    while (at + ATTRIBUTE_HEAD_BYTES <= in.limit()) {
      int length = in.getShort(at) & 0xffff;
      if (length < ATTRIBUTE_HEAD_BYTES || at + length > in.limit()) {
        break;
      }
      attributes.put(
          in.getShort(at + 2) & TYPE_MASK,
          slice(in, at + ATTRIBUTE_HEAD_BYTES, length - ATTRIBUTE_HEAD_BYTES));
      at += aligned(length);
    }
    return attributes;
  }

  private static Optional<Ip> optional(@Nullable ByteBuffer bytes) throws UnknownHostException {
    return bytes == null ? Optional.empty() : Optional.of(address(bytes));
  }

  private static Ip address(ByteBuffer bytes) throws UnknownHostException {
    return Ip.of(InetAddress.getByAddress(bytes(bytes)));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.limit()];
    buffer.get(0, bytes);
    return bytes;
  }

  private static String text(ByteBuffer buffer) {
    return StandardCharsets.UTF_8.decode(buffer.duplicate()).toString().replace("\0", "");
  }
}
