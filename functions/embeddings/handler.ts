import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { readJson } from "../_shared/http/read_json.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { callRoutes } from "../_shared/gateway/call/call_routes.ts";
import { billableFields } from "../_shared/gateway/prepare/billable_fields.ts";
import { readIdempotency } from "../_shared/gateway/begin/idempotency.ts";
import { takeTurn, type TurnDeps, type TurnWork } from "../_shared/gateway/run_turn.ts";
import { readText } from "../_shared/gateway/call/upstream.ts";
import { EMBEDDING_FIELDS } from "../_shared/gateway/formats/embeddings/allowed_fields.ts";
import { operations } from "./operations.ts";
import {
  inputMessages,
  parseEmbeddingRequest,
} from "../_shared/gateway/formats/embeddings/schema.ts";
import { readVectors } from "../_shared/gateway/formats/embeddings/vectors.ts";

/** The outside of the embeddings function. */
export interface EmbeddingsDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `embeddings`. */
export function handleEmbeddings(request: Request, deps: EmbeddingsDeps): Promise<Response> {
  return respond(request, "embeddings", operations, {
    embed: (request, context) => embed(request, context, deps),
  }, deps);
}

/** One turn, though nothing of it is kept but what it cost. */
async function embed(
  request: Request,
  context: RequestContext,
  deps: EmbeddingsDeps,
): Promise<Response> {
  const caller = await context.measure("auth", () => deps.authenticate(request));
  Object.assign(context.fields, callerFields(caller));
  return await takeTurn(caller, "embeddings", () => readInput(request, deps), context, deps);
}

async function readInput(request: Request, deps: EmbeddingsDeps): Promise<TurnWork> {
  const json = await readJson(request, deps.limits.requestBytes);
  const body = parseEmbeddingRequest(json);
  // By their length usage is estimated, four bytes a token, and what the call may cost, one a token.
  const messages = inputMessages(body, 4);

  return {
    request: {
      kind: "embedding",
      model: body.model ?? null,
      session_id: null,
      title: null,
      messages: inputMessages(body, 1),
      other_bytes: 0,
      max_output_tokens: null,
      ...await readIdempotency(request.headers, "embedding", json),
    },
    answer: async (open) => {
      const { answer, body: whole } = await callRoutes(open, {
        path: "/embeddings",
        body: (route) => ({ ...billableFields(route, body, EMBEDDING_FIELDS), model: route.model }),
        accept: async (upstream, target) =>
          readVectors(await readText(upstream), open.turn.model, messages, target),
      });
      await open.ledger.settle(answer, null, whole);
      return Response.json(whole);
    },
    repeat: (answer) => Response.json(answer),
  };
}
