import type { Authenticate } from "../_shared/auth.ts";
import { toApiError } from "../_shared/errors.ts";
import { readJson } from "../_shared/read_json.ts";
import { type Exchange, respond, type RespondDeps } from "../_shared/respond.ts";
import type { ChatDatabase } from "./db.ts";
import { createLedger } from "./ledger.ts";
import { NO_ANSWER } from "./outcome.ts";
import { parseChatRequest } from "./schema.ts";
import { answerTurn, type TurnDeps } from "./turn.ts";

/** The outside of the chat function. */
export interface ChatDeps extends RespondDeps, TurnDeps {
  authenticate: Authenticate;
  database: ChatDatabase;
}

/** Answers POST /chat/completions. */
export function handleChat(request: Request, deps: ChatDeps): Promise<Response> {
  const POST = (request: Request, exchange: Exchange) => complete(request, exchange, deps);
  return respond(request, "chat", { "/chat/completions": { POST } }, deps);
}

/** One turn: who asks, what for, the answer, and whatever happens its settlement. */
async function complete(request: Request, exchange: Exchange, deps: ChatDeps): Promise<Response> {
  const { userId } = await deps.authenticate(request);
  exchange.fields.user_id = userId;
  const json = await readJson(request, deps.limits.requestBytes);
  const { body, sessionId, title } = parseChatRequest(json, request.headers);

  const turn = await deps.database.beginTurn(userId, {
    request_id: exchange.requestId,
    model: body.model ?? null,
    session_id: sessionId,
    title,
    messages: body.messages,
  });
  exchange.headers.set("x-session-id", turn.session_id);
  Object.assign(exchange.fields, {
    turn_id: turn.turn_id,
    model: turn.model,
    vendor_id: turn.route.vendor_id,
    stream: body.stream === true,
  });

  const ledger = createLedger(turn, { exchange, ...deps });
  try {
    return await answerTurn({ body, turn, ledger, exchange, deps });
  } catch (thrown) {
    const error = toApiError(thrown);
    await ledger.settle(NO_ANSWER, error);
    throw error;
  }
}
