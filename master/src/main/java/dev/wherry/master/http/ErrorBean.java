package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.JsonErrorResponseBodyProvider;
import jakarta.inject.Singleton;

/**
 * What Micronaut answers where its own routes fail: a Kubernetes Status. It also stands for the
 * JSON library that Micronaut would otherwise ask for.
 */
@Singleton
final class ErrorBean implements JsonErrorResponseBodyProvider<String> {
  @Override
  public String body(ErrorContext context, HttpResponse<?> response) {
    String message =
        context.getErrors().isEmpty()
            ? response.reason()
            : context.getErrors().getFirst().getMessage();
    return Json.text(StatusException.of(reason(response.code()), message).toStatus());
  }

  private static Reason reason(int code) {
    for (Reason reason : Reason.values()) {
      if (reason.code() == code) {
        return reason;
      }
    }
    return Reason.INTERNAL_ERROR;
  }
}
