import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import { turnHandler, type TurnHandlerDeps } from "../_shared/gateway/turn_handler.ts";
import { respond } from "../_shared/http/respond.ts";
import { operations } from "./operations.ts";

/** Answers the {@linkcode operations} of the function `chat`. */
export function handleChat(request: Request, deps: TurnHandlerDeps): Promise<Response> {
  return respond(
    request,
    "chat",
    operations,
    { complete: turnHandler(openaiChat, deps) },
    deps,
    openaiChat.errors,
  );
}
