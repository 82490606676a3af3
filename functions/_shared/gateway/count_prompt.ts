import type { Caller } from "../auth/caller.ts";
import { toApiError } from "../core/errors.ts";
import type { RequestContext } from "../http/context.ts";
import { readJson } from "../http/read_json.ts";
import { countCall } from "../rate_limit/count_call.ts";
import type { ParsedRequest } from "./formats/format.ts";
import { messageTokens } from "./prepare/fitting_messages.ts";
import type { TurnDeps } from "./run_turn.ts";
import type { PromptCount } from "./turn_database.ts";

/**
 * Estimates the tokens that a turn would give its model, including the agent's prompt and the
 * conversation that the request continues. No model is called, and nothing is stored or charged.
 * The call counts against the caller's rate limits.
 *
 * @param read Reads a body; throws for one that is not valid.
 * @throws {ApiError} Why the turn would be refused for its model or its session; 429.
 */
export async function countPrompt<Body>(
  request: Request,
  caller: Caller,
  context: RequestContext,
  { maxBytes, read }: {
    maxBytes: number;
    read: (json: object) => ParsedRequest<Body> | Promise<ParsedRequest<Body>>;
  },
  { admission, limiter, database }: Pick<TurnDeps, "admission" | "limiter" | "database">,
): Promise<number> {
  const admitted = admission.enter(request);
  try {
    const refused = () => database.countRefusedCall(caller, "chat");
    const counted = await countCall(caller, limiter, refused);
    const { turn } = await readJson(request, maxBytes, admitted.arrived).then(read)
      .catch(counted.failed);
    const { model, session_id, messages, other_bytes, other_tokens, max_output_tokens } = turn;
    const { tokens, caller: known, ...answer } = await database.countPrompt(caller, {
      ...{ model, session_id, messages, other_bytes, other_tokens, max_output_tokens },
      continues_turn: turn.continues_turn ?? null,
      store: turn.store ?? true,
      ...counted.request,
    }).catch(counted.failed).catch((thrown) => estimateFor(turn, thrown));
    Object.assign(context.fields, known);
    counted.answered(answer, context);
    return tokens;
  } finally {
    admitted.leave();
  }
}

/**
 * The tokens of a request without a model, estimated from the request alone.
 *
 * @throws {ApiError} The error itself, if it has any other reason.
 */
function estimateFor(
  { messages, other_tokens }: ParsedRequest<unknown>["turn"],
  thrown: unknown,
): PromptCount {
  if (toApiError(thrown).code !== "model_required") throw thrown;
  return { tokens: messageTokens(messages) + other_tokens };
}
