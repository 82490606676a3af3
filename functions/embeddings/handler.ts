import { embeddings } from "../_shared/gateway/formats/embeddings/format.ts";
import { turnHandler, type TurnHandlerDeps } from "../_shared/gateway/turn_handler.ts";
import { respond } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** Answers the {@linkcode operations} of the function `embeddings`. */
export function handleEmbeddings(request: Request, deps: TurnHandlerDeps): Promise<Response> {
  return respond(
    request,
    "embeddings",
    operations,
    { embed: turnHandler(embeddings, deps) },
    deps,
    embeddings.errors,
  );
}
