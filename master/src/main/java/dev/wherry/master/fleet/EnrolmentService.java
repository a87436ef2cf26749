package dev.wherry.master.fleet;

import com.google.protobuf.ByteString;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.pki.CertificateRequest;
import dev.wherry.proto.v1.EnrollRequest;
import dev.wherry.proto.v1.EnrollResponse;
import dev.wherry.proto.v1.EnrolmentGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs nodes' certificates: for who has a join token and a name that is free, and for a node that
 * asks with the very key that it joined with. So a token alone takes over no node that there is.
 * Thread-safe.
 */
public final class EnrolmentService extends EnrolmentGrpc.EnrolmentImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(EnrolmentService.class);
  private static final int MAX_REQUEST_BYTES = 16 * 1024;

  /** RFC 1123 subdomains, as Node names are. */
  private static final Pattern NAME =
      Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9.]*[a-z0-9])?");

  private final JoinTokens tokens;
  private final NodeSigner signer;
  private final NodeKeys keys;

  public EnrolmentService(JoinTokens tokens, NodeSigner signer, FleetService fleet) {
    this.tokens = tokens;
    this.signer = signer;
    this.keys = fleet.nodeKeys();
  }

  @Override
  public void enroll(EnrollRequest request, StreamObserver<EnrollResponse> response) {
    try {
      response.onNext(enrolled(request));
      response.onCompleted();
    } catch (StatusRuntimeException e) {
      LOG.warn("node {} was refused: {}", request.getNodeName(), e.getStatus().getDescription());
      response.onError(e);
    } catch (StatusException e) {
      LOG.warn("node {} could not join: {}", request.getNodeName(), e.getMessage());
      response.onError(Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
    } catch (IllegalArgumentException | CertificateEncodingException e) {
      LOG.warn("node {} sent a bad request: {}", request.getNodeName(), e.getMessage());
      response.onError(
          Status.INVALID_ARGUMENT
              .withDescription("the certificate request cannot be read")
              .asRuntimeException());
    }
  }

  private EnrollResponse enrolled(EnrollRequest request) throws CertificateEncodingException {
    NodeName node = new NodeName(request.getNodeName());
    if (!NAME.matcher(node.text()).matches()) {
      throw Status.INVALID_ARGUMENT
          .withDescription("\"" + node + "\" is no node name")
          .asRuntimeException();
    }
    PublicKey key = provenKey(request.getCertificateRequest());
    admit(node, JoinToken.keyHash(key.getEncoded()), request.getToken());
    X509Certificate certificate = signer.sign(key, node);
    LOG.info("node {} has a certificate until {}", node, certificate.getNotAfter().toInstant());
    return EnrollResponse.newBuilder()
        .setCertificate(ByteString.copyFrom(certificate.getEncoded()))
        .setCaCertificate(ByteString.copyFrom(signer.authority().getEncoded()))
        .build();
  }

  private void admit(NodeName node, String keyHash, String token) {
    if (keys.isKeyOf(node, keyHash)) {
      return;
    }
    if (!tokens.admits(token)) {
      throw Status.UNAUTHENTICATED
          .withDescription(
              token.isEmpty()
                  ? "node \"" + node + "\" is not known by this key; join with a token"
                  : "the token is wrong or has expired")
          .asRuntimeException();
    }
    if (keys.isTaken(node) || !tokens.spend(token) || !keys.claim(node, keyHash)) {
      throw Status.ALREADY_EXISTS
          .withDescription(
              "there is a node \""
                  + node
                  + "\" with another key; delete the Node object or join under another name")
          .asRuntimeException();
    }
  }

  /** The key of a request that is signed with it. */
  private static PublicKey provenKey(ByteString der) {
    if (der.size() > MAX_REQUEST_BYTES) {
      throw new IllegalArgumentException(der.size() + " bytes are too many");
    }
    return CertificateRequest.parse(der.toByteArray()).publicKey();
  }
}
