package dev.wherry.agent.bootstrap;

import com.google.protobuf.ByteString;
import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.link.Channels;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.proto.v1.AgentMessage;
import dev.wherry.proto.v1.FleetGrpc;
import dev.wherry.proto.v1.MasterMessage;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.Remove;
import dev.wherry.proto.v1.Synced;
import dev.wherry.proto.v1.Upsert;
import dev.wherry.proto.v1.Welcome;
import io.grpc.Server;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * An agent in a process of its own, with a master of a few lines beside it. Standard input: {@code
 * apply JSON}, {@code remove NAMESPACE NAME}, {@code synced}. Standard output: {@code up}, {@code
 * status UID JSON}, {@code gone UID}, {@code event JSON}.
 */
final class AgentProcess {
  private static final CompletableFuture<StreamObserver<MasterMessage>> TO_AGENT =
      new CompletableFuture<>();

  private AgentProcess() {}

  /** Arguments: data directory, run directory, {@code master} or {@code alone}. */
  public static void main(String[] args) throws Exception {
    if (args[2].equals("purge")) {
      Agent.purge(options(args));
      return;
    }
    String name = "wherry-" + ProcessHandle.current().pid();
    if (args[2].equals("master")) {
      Server server =
          InProcessServerBuilder.forName(name)
              .executor(Runnable::run)
              .addService(new FewLines())
              .build()
              .start();
      Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    }
    try (Agent agent = Agent.start(options(args), Channels.inProcess(name))) {
      say("up " + agent.engineProcess().orElseThrow().pid());
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        obey(line);
      }
    }
    System.exit(0);
  }

  private static AgentOptions options(String[] args) {
    return AgentOptions.of(
        new NodeName("node-1"), Path.of(args[0]), Path.of(args[1]), "127.0.0.1", "v1.36.0+wherry");
  }

  private static void obey(String line) {
    String[] words = line.split(" ", 2);
    StreamObserver<MasterMessage> toAgent = TO_AGENT.join();
    switch (words[0]) {
      case "apply" -> {
        Obj object = Json.read(words[1]);
        toAgent.onNext(
            MasterMessage.newBuilder()
                .setUpsert(
                    Upsert.newBuilder()
                        .setResource(resource(object))
                        .setObject(ByteString.copyFrom(Smile.write(object))))
                .build());
      }
      case "remove" -> {
        String[] name = words[1].split(" ");
        toAgent.onNext(
            MasterMessage.newBuilder()
                .setRemove(
                    Remove.newBuilder()
                        .setResource("pods")
                        .setName(ObjectName.newBuilder().setNamespace(name[0]).setName(name[1])))
                .build());
      }
      case "synced" ->
          toAgent.onNext(MasterMessage.newBuilder().setSynced(Synced.newBuilder()).build());
      default -> throw new IllegalArgumentException(line);
    }
  }

  private static String resource(Obj object) {
    return switch (object.string("kind")) {
      case "Pod" -> "pods";
      case "Service" -> "services";
      default -> "configmaps";
    };
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static final class FewLines extends FleetGrpc.FleetImplBase {
    @Override
    public StreamObserver<AgentMessage> session(StreamObserver<MasterMessage> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(AgentMessage message) {
          switch (message.getMessageCase()) {
            case HELLO -> {
              answers.onNext(
                  MasterMessage.newBuilder()
                      .setWelcome(
                          Welcome.newBuilder()
                              .setPodCidr("10.211.3.0/24")
                              .setClusterCidr("10.211.0.0/16")
                              .setServiceCidr("10.212.0.0/16"))
                      .build());
              TO_AGENT.complete(answers);
            }
            case POD_STATUS -> {
              Obj status = Smile.read(message.getPodStatus().getStatus().toByteArray());
              say("status " + message.getPodStatus().getPod().getUid() + " " + Json.text(status));
            }
            case POD_GONE -> say("gone " + message.getPodGone().getPod().getUid());
            case EVENT ->
                say("event " + Json.text(Smile.read(message.getEvent().getEvent().toByteArray())));
            case NODE_STATUS ->
                say(
                    "node "
                        + Json.text(Smile.read(message.getNodeStatus().getStatus().toByteArray())));
            default -> {
              // Heartbeats.
            }
          }
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }
}
