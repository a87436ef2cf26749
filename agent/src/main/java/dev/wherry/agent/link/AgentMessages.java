package dev.wherry.agent.link;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.proto.v1.AgentMessage;
import dev.wherry.proto.v1.Event;
import dev.wherry.proto.v1.MirrorPod;
import dev.wherry.proto.v1.NodeStatus;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.PodGone;
import dev.wherry.proto.v1.PodStatus;
import dev.wherry.proto.v1.TokenRequest;

/** What an agent says, as the session carries it. Pure. */
final class AgentMessages {
  private AgentMessages() {}

  static AgentMessage tokenRequest(TokenRequest request) {
    return AgentMessage.newBuilder().setTokenRequest(request).build();
  }

  static AgentMessage nodeStatus(Obj status) {
    return AgentMessage.newBuilder()
        .setNodeStatus(NodeStatus.newBuilder().setStatus(bytes(status)))
        .build();
  }

  static AgentMessage event(Obj event) {
    return AgentMessage.newBuilder().setEvent(Event.newBuilder().setEvent(bytes(event))).build();
  }

  static AgentMessage usage(NodeUsage sample) {
    return AgentMessage.newBuilder().setUsage(UsageMessages.of(sample)).build();
  }

  /** A wish about the mirror of a static pod. */
  static AgentMessage mirror(ObjectKey key, Mirrors.Action action) {
    return switch (action) {
      case Mirrors.Action.Make(Obj pod) ->
          AgentMessage.newBuilder().setMirrorPod(MirrorPod.newBuilder().setPod(bytes(pod))).build();
      case Mirrors.Action.Remove(PodUid uid) -> podGone(key, uid);
      case Mirrors.Action.Nothing _ -> throw new IllegalStateException("nothing is never kept");
    };
  }

  static AgentMessage podStatus(ObjectKey pod, PodUid uid, Obj status) {
    return AgentMessage.newBuilder()
        .setPodStatus(PodStatus.newBuilder().setPod(name(pod, uid)).setStatus(bytes(status)))
        .build();
  }

  static AgentMessage podGone(ObjectKey pod, PodUid uid) {
    return AgentMessage.newBuilder()
        .setPodGone(PodGone.newBuilder().setPod(name(pod, uid)))
        .build();
  }

  static ObjectName name(ObjectKey pod, PodUid uid) {
    return ObjectName.newBuilder()
        .setNamespace(pod.namespace())
        .setName(pod.name())
        .setUid(uid.text())
        .build();
  }

  private static ByteString bytes(Obj object) {
    return UnsafeByteOperations.unsafeWrap(Smile.write(object));
  }
}
