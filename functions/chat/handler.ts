import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import type { Admission, Admitted } from "../_shared/http/admission.ts";
import { readJson } from "../_shared/http/read_json.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { readIdempotency } from "../_shared/gateway/begin/idempotency.ts";
import { takeTurn, type TurnDeps, type TurnWork } from "../_shared/gateway/run_turn.ts";
import { answerTurn } from "./answer.ts";
import { askedLimit } from "../_shared/gateway/formats/openai_chat/answer_limit.ts";
import { operations } from "./operations.ts";
import { replayAnswer } from "../_shared/gateway/formats/openai_chat/replay.ts";
import { parseChatRequest } from "../_shared/gateway/formats/openai_chat/schema.ts";

/** The outside of the chat function. */
export interface ChatDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
  admission: Admission;
}

/** Answers the {@linkcode operations} of the function `chat`. */
export function handleChat(request: Request, deps: ChatDeps): Promise<Response> {
  return respond(request, "chat", operations, {
    complete: (request, context) => complete(request, context, deps),
  }, deps);
}

async function complete(
  request: Request,
  context: RequestContext,
  deps: ChatDeps,
): Promise<Response> {
  const caller = await context.measure("auth", () => deps.authenticate(request));
  Object.assign(context.fields, callerFields(caller));
  const admitted = deps.admission.enter(request);
  const pending: Promise<unknown>[] = [];
  const until = (work: Promise<unknown>) => {
    pending.push(work);
    context.until(work);
  };
  const read = () => readChat(request, context, deps, admitted);
  try {
    return await takeTurn(caller, "chat", read, { ...context, until }, deps);
  } finally {
    // A stream holds its conversation until it has ended.
    Promise.allSettled(pending).then(admitted.leave);
  }
}

async function readChat(
  request: Request,
  context: RequestContext,
  deps: ChatDeps,
  { arrived }: Admitted,
): Promise<TurnWork> {
  const json = await readJson(request, deps.limits.chatRequestBytes, arrived);
  const { body, sessionId, title } = parseChatRequest(json, request.headers);
  const idempotency = await readIdempotency(request.headers, "chat", json);
  context.fields.stream = body.stream === true;
  return {
    request: {
      kind: "chat",
      model: body.model ?? null,
      session_id: sessionId,
      title,
      messages: body.messages,
      other_bytes: jsonBytes({ ...body, messages: undefined }),
      max_output_tokens: askedLimit(body),
      ...idempotency,
    },
    answer: (open) => answerTurn(body, open),
    repeat: (answer) => replayAnswer(answer, body),
  };
}

function jsonBytes(value: object): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
