package dev.wherry.agent.ingress;

import dev.wherry.agent.host.Command;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority of a test's own, made with openssl in its directory. */
final class Authority {
  private static final char[] PASSWORD = "of a store in memory".toCharArray();

  private final Path directory;

  /** A key and its certificate, in PEM. */
  record Leaf(Path key, Path certificate) {}

  private Authority(Path directory) {
    this.directory = directory;
  }

  static Authority create(Path parent, String name) throws Exception {
    Authority authority = new Authority(Files.createDirectory(parent.resolve(name)));
    authority.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            + " -keyout ca.key -out ca.crt -subj /CN="
            + name);
    return authority;
  }

  private void openssl(String line) throws Exception {
    List<String> words = new ArrayList<>(List.of("env", "-C", directory.toString(), "openssl"));
    words.addAll(List.of(line.split(" ")));
    new Command(words).run();
  }

  /** A certificate for this name. */
  Leaf leaf(String name) throws Exception {
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=%1$s -keyout %1$s.key -out %1$s.csr"
            .formatted(name));
    Files.writeString(directory.resolve("names"), "subjectAltName=DNS:" + name);
    openssl(
        "x509 -req -in %1$s.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out %1$s.crt"
            .formatted(name));
    return new Leaf(directory.resolve(name + ".key"), directory.resolve(name + ".crt"));
  }

  Path certificate() {
    return directory.resolve("ca.crt");
  }

  /** What a server with this certificate speaks TLS with, which believes this authority. */
  SSLContext context(Leaf own) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "own",
        PemKey.parse(Files.readString(own.key())),
        PASSWORD,
        new Certificate[] {read(own.certificate())});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, PASSWORD);
    KeyStore believed = KeyStore.getInstance("PKCS12");
    believed.load(null, null);
    believed.setCertificateEntry("ca", read(certificate()));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(believed);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static Certificate read(Path file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  /** A Secret of the namespace {@code default} with these files. */
  static Obj secret(String name, String version, Map<String, Path> files) throws IOException {
    Map<String, Object> data = new LinkedHashMap<>();
    for (Map.Entry<String, Path> each : files.entrySet()) {
      data.put(
          each.getKey(), Base64.getEncoder().encodeToString(Files.readAllBytes(each.getValue())));
    }
    Obj.Builder contents = Obj.builder();
    data.forEach(contents::put);
    return Obj.of(
        "metadata",
        Obj.of("namespace", "default", "name", name, "resourceVersion", version),
        "data",
        contents.build());
  }
}
