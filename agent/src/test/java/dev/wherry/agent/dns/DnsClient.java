package dev.wherry.agent.dns;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Asks a name server over sockets, byte for byte. */
final class DnsClient {
  private static final int PATIENCE_MILLIS = 60_000;

  private DnsClient() {}

  /** A plain query with the id 0x1234. */
  static byte[] query(String name, int type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      bytes.write(label.length());
      bytes.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
    }
    bytes.writeBytes(new byte[] {0, 0, (byte) type, 0, 1});
    return bytes.toByteArray();
  }

  static byte[] askUdp(InetAddress server, byte[] query) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.send(new DatagramPacket(query, query.length, server, 53));
      DatagramPacket response = new DatagramPacket(new byte[4_096], 4_096);
      socket.receive(response);
      return Arrays.copyOf(response.getData(), response.getLength());
    }
  }

  static byte[] askTcp(InetAddress server, byte[] query) throws IOException {
    try (Socket socket = new Socket(server, 53)) {
      return askOver(socket, query);
    }
  }

  static byte[] askOver(Socket socket, byte[] query) throws IOException {
    socket.setSoTimeout(PATIENCE_MILLIS);
    new DataOutputStream(socket.getOutputStream()).writeShort(query.length);
    socket.getOutputStream().write(query);
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] response = new byte[in.readUnsignedShort()];
    in.readFully(response);
    return response;
  }

  static int rcode(byte[] response) {
    return response[3] & 0x0f;
  }
}
