package dev.wherry.master.http;

import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The client's side of {@code exec} and {@code attach}, whatever the protocol. Streams block; each
 * belongs to one thread. What the client did not ask for is empty or swallows what is written.
 */
interface CommandClient {
  InputStream stdin();

  OutputStream stdout();

  OutputStream stderr();

  /** Sizes of the terminal, one JSON object after another: {@code {"Width":80,"Height":24}}. */
  InputStream resizes();

  /** Ends the outputs and tells how the command ended, as a Status. */
  void finish(Obj status) throws IOException;
}
