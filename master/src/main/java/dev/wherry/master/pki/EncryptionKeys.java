package dev.wherry.master.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that seal what must not be read on the disk (AES-256-GCM): the first one seals, all of
 * them open. They are kept in one file, a key a line; without it nothing sealed can be read again.
 *
 * <p>Sealed bytes: four of {@link #MAGIC}, four of the key's number, twelve of the nonce, then
 * ciphertext and tag; the context is authenticated with them. Immutable and thread-safe.
 */
public final class EncryptionKeys {
  private static final byte[] MAGIC = {0, 'W', 'S', 1};
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int HEAD_BYTES = 4 + Integer.BYTES + NONCE_BYTES;

  /** How many keys are kept: what an older one sealed was sealed again at each rotation. */
  static final int MAX_KEYS = 16;

  private record Numbered(int number, SecretKeySpec key) {}

  private final List<Numbered> keys;
  private final SecureRandom random = new SecureRandom();

  private EncryptionKeys(List<Numbered> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads the keys of this file, or makes the first one where there is none.
   *
   * @throws IOException with a message for the user
   */
  public static EncryptionKeys open(Path file) throws IOException {
    if (!Files.exists(file)) {
      return rotated(file, List.of());
    }
    return new EncryptionKeys(read(file));
  }

  /** Puts a new key before those of the file: it seals from now on. */
  public static EncryptionKeys rotate(Path file) throws IOException {
    return rotated(file, Files.exists(file) ? read(file) : List.of());
  }

  private static EncryptionKeys rotated(Path file, List<Numbered> old) throws IOException {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    int number = old.isEmpty() ? 1 : old.getFirst().number() + 1;
    List<Numbered> all = new ArrayList<>();
    all.add(new Numbered(number, new SecretKeySpec(key, "AES")));
    all.addAll(old.subList(0, Math.min(old.size(), MAX_KEYS - 1)));
    StringBuilder text = new StringBuilder();
    for (Numbered each : all) {
      text.append(each.number())
          .append(' ')
          .append(Base64.getEncoder().encodeToString(each.key().getEncoded()))
          .append('\n');
    }
    AtomicFile.write(file, text.toString(), AtomicFile.OWNER_ONLY);
    return new EncryptionKeys(all);
  }

  private static List<Numbered> read(Path file) throws IOException {
    List<Numbered> keys = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split(" ", -1);
        byte[] key = Base64.getDecoder().decode(parts[1]);
        if (key.length != KEY_BYTES) {
          throw new IllegalArgumentException("a key of " + key.length + " bytes");
        }
        keys.add(new Numbered(Integer.parseInt(parts[0]), new SecretKeySpec(key, "AES")));
      }
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new IOException(file + " holds no encryption keys: " + e.getMessage(), e);
    }
    if (keys.isEmpty()) {
      throw new IOException(file + " is empty; put it back from a backup");
    }
    return keys;
  }

  /** The value sealed by the newest key; the context has to be the same when it is opened. */
  public byte[] seal(byte[] context, byte[] value) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    Numbered key = keys.getFirst();
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce, context).doFinal(value);
      return ByteBuffer.allocate(HEAD_BYTES + sealed.length)
          .put(MAGIC)
          .putInt(key.number())
          .put(nonce)
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /** Whether these bytes were sealed. */
  public static boolean isSealed(byte[] bytes) {
    return bytes.length > HEAD_BYTES && Arrays.equals(MAGIC, 0, 4, bytes, 0, 4);
  }

  /**
   * What was sealed; bytes that were not are given back as they are.
   *
   * @throws IllegalStateException when the key is not there or the bytes are not as they were
   */
  public byte[] open(byte[] context, byte[] bytes) {
    if (!isSealed(bytes)) {
      return bytes;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, MAGIC.length, bytes.length - MAGIC.length);
    int number = in.getInt();
    byte[] nonce = new byte[NONCE_BYTES];
    in.get(nonce);
    Numbered key =
        keys.stream()
            .filter(each -> each.number() == number)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "a value was sealed by key " + number + ", which is not in the key file"));
    try {
      return cipher(Cipher.DECRYPT_MODE, key, nonce, context)
          .doFinal(bytes, HEAD_BYTES, bytes.length - HEAD_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a sealed value is not as it was written", e);
    }
  }

  private static Cipher cipher(int mode, Numbered key, byte[] nonce, byte[] context)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(context);
    return cipher;
  }
}
