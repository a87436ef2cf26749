package dev.wherry.api.schema.protobuf;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** The published protobuf classes of Kubernetes, by the full names of their messages. */
final class PublishedClasses {
  private final Map<String, Class<?>> classes = new HashMap<>();

  PublishedClasses() throws Exception {
    Path jar =
        Path.of(
            Class.forName("io.kubernetes.client.proto.V1", false, getClass().getClassLoader())
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    try (JarFile file = new JarFile(jar.toFile())) {
      List<String> names =
          file.stream()
              .map(ZipEntry::getName)
              .filter(name -> name.endsWith(".class") && !name.contains("$"))
              .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
              .toList();
      for (String name : names) {
        Class<?> outer = Class.forName(name);
        Descriptors.FileDescriptor descriptor =
            (Descriptors.FileDescriptor) outer.getMethod("getDescriptor").invoke(null);
        for (Descriptors.Descriptor message : descriptor.getMessageTypes()) {
          classes.put(
              message.getFullName(), Class.forName(outer.getName() + "$" + message.getName()));
        }
      }
    }
  }

  private Class<?> of(String message) {
    return Objects.requireNonNull(classes.get(message), message);
  }

  Parser<?> parser(String message) throws Exception {
    return (Parser<?>) of(message).getMethod("parser").invoke(null);
  }

  Message parse(String message, byte[] bytes) throws Exception {
    return (Message) parser(message).parseFrom(bytes);
  }

  Descriptors.Descriptor descriptor(String message) throws Exception {
    return (Descriptors.Descriptor) of(message).getMethod("getDescriptor").invoke(null);
  }
}
