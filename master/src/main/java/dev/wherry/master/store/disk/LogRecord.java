package dev.wherry.master.store.disk;

import dev.wherry.master.store.Key;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Precondition;
import dev.wherry.master.store.Revision;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What the store writes to its log, big-endian:
 *
 * <pre>
 * reservation  2, revision 8
 * transaction  1, first revision 8, operations: kind 1 (1 put, 2 delete),
 *              precondition 1 (0 none, 1 absent, 2 modified at, revision 8),
 *              key length 4, key, and for a put value length 4, value
 * </pre>
 */
sealed interface LogRecord {
  byte TRANSACTION = 1;
  byte RESERVATION = 2;
  byte PUT = 1;
  byte DELETE = 2;

  /** Revisions up to this one, with it, may have been handed out. */
  record Reservation(long upTo) implements LogRecord {
    byte[] encode() {
      return ByteBuffer.allocate(9).put(RESERVATION).putLong(upTo).array();
    }
  }

  /** Operations at {@code first}, {@code first + 1} ... */
  record Transaction(long first, List<Operation> operations) implements LogRecord {}

  /** Operations whose first revision is put in once it is known, by {@link #setFirst}. */
  static byte[] encode(List<Operation> operations) {
    ByteBuffer out = ByteBuffer.allocate(length(operations));
    out.put(TRANSACTION).putLong(0);
    for (Operation operation : operations) {
      out.put(operation instanceof Operation.Put ? PUT : DELETE);
      switch (operation.precondition()) {
        case Precondition.None() -> out.put((byte) 0);
        case Precondition.Absent() -> out.put((byte) 1);
        case Precondition.ModifiedAt(Revision revision) ->
            out.put((byte) 2).putLong(revision.number());
      }
      out.putInt(operation.key().bytes().length).put(operation.key().bytes());
      if (operation instanceof Operation.Put put) {
        out.putInt(put.value().length).put(put.value());
      }
    }
    return out.array();
  }

  static void setFirst(byte[] transaction, long first) {
    ByteBuffer.wrap(transaction).putLong(1, first);
  }

  /** Bytes of the transaction as it is written. */
  static int length(List<Operation> operations) {
    long length = 9;
    for (Operation operation : operations) {
      length += 2 + 4L + operation.key().bytes().length;
      length += operation.precondition() instanceof Precondition.ModifiedAt ? 8 : 0;
      length += operation instanceof Operation.Put put ? 4L + put.value().length : 0;
    }
    return Math.toIntExact(length);
  }

  /**
   * Reads a record back.
   *
   * @throws IllegalArgumentException when it is of a newer Wherry or none
   */
  static LogRecord decode(byte[] record) {
    ByteBuffer in = ByteBuffer.wrap(record);
    try {
      byte type = in.get();
      return switch (type) {
        case RESERVATION -> new Reservation(in.getLong());
        case TRANSACTION -> transaction(in);
        default ->
            throw new IllegalArgumentException("a log record is of the unknown type " + type);
      };
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a log record ends early", e);
    }
  }

  private static Transaction transaction(ByteBuffer in) {
    long first = in.getLong();
    List<Operation> operations = new ArrayList<>();
    while (in.hasRemaining()) {
      byte kind = in.get();
      byte check = in.get();
      Precondition precondition =
          switch (check) {
            case 0 -> new Precondition.None();
            case 1 -> new Precondition.Absent();
            case 2 -> new Precondition.ModifiedAt(new Revision(in.getLong()));
            default ->
                throw new IllegalArgumentException("a log record has the precondition " + check);
          };
      Key key = new Key(bytes(in));
      operations.add(
          switch (kind) {
            case PUT -> new Operation.Put(key, bytes(in), precondition);
            case DELETE -> new Operation.Delete(key, precondition);
            default -> throw new IllegalArgumentException("a log record has the operation " + kind);
          });
    }
    return new Transaction(first, operations);
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[in.getInt()];
    in.get(bytes);
    return bytes;
  }
}
