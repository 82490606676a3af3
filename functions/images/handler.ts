import { images } from "../_shared/gateway/formats/images/format.ts";
import { turnHandler, type TurnHandlerDeps } from "../_shared/gateway/turn_handler.ts";
import { respond } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** Answers the {@linkcode operations} of the function `images`. */
export function handleImages(request: Request, deps: TurnHandlerDeps): Promise<Response> {
  return respond(
    request,
    "images",
    operations,
    { generate: turnHandler(images, deps) },
    deps,
    images.errors,
  );
}
