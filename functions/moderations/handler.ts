import { moderations } from "../_shared/gateway/formats/moderations/format.ts";
import { turnHandler, type TurnHandlerDeps } from "../_shared/gateway/turn_handler.ts";
import { respond } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** Answers the {@linkcode operations} of the function `moderations`. */
export function handleModerations(request: Request, deps: TurnHandlerDeps): Promise<Response> {
  return respond(
    request,
    "moderations",
    operations,
    { judge: turnHandler(moderations, deps) },
    deps,
    moderations.errors,
  );
}
