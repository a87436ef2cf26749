package dev.wherry.master.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.TokenAnswer;
import dev.wherry.proto.v1.TokenRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodTokensTest {
  private final Cluster cluster = new Cluster();
  private final ObjectAccess access = cluster.access();
  private final PodTokens tokens = new PodTokens(access, _ -> access);

  @AfterEach
  void close() {
    cluster.close();
  }

  private TokenRequest.Builder request(Obj pod) {
    Meta meta = Meta.of(pod);
    return TokenRequest.newBuilder()
        .setRequestId("1")
        .setPod(
            ObjectName.newBuilder()
                .setNamespace(meta.namespace())
                .setName(meta.name())
                .setUid(meta.uid()))
        .setServiceAccount("web")
        .setExpirationSeconds(3607);
  }

  @Test
  void aNodeGetsTokensForItsOwnPodsAlone() {
    access.create(
        GroupResource.SERVICE_ACCOUNTS,
        Samples.obj("{'metadata':{'name':'web','namespace':'default'}}"));
    Obj pod =
        access.create(
            GroupResource.PODS,
            Samples.pod("p", "n1").change("spec", spec -> spec.with("serviceAccountName", "web")));

    TokenAnswer answer = tokens.answer(new NodeName("n1"), request(pod).build());
    assertThat(answer.getReason()).isEmpty();
    assertThat(answer.getRequestId()).isEqualTo("1");
    assertThat(answer.getToken().split("\\.", -1)).hasSize(3);
    assertThat(answer.getExpiration()).endsWith("Z");

    assertThat(tokens.answer(new NodeName("n2"), request(pod).build()).getReason())
        .isEqualTo("Forbidden");
    assertThat(
            tokens
                .answer(new NodeName("n1"), request(pod).setServiceAccount("default").build())
                .getReason())
        .isEqualTo("Forbidden");
    TokenRequest.Builder older = request(pod);
    older.getPodBuilder().setUid("another");
    assertThat(tokens.answer(new NodeName("n1"), older.build()).getReason()).isEqualTo("Forbidden");
    TokenRequest.Builder missing = request(pod);
    missing.getPodBuilder().setName("gone");
    assertThat(tokens.answer(new NodeName("n1"), missing.build()).getReason())
        .isEqualTo("NotFound");
  }
}
