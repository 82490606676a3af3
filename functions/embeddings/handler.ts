import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import { readJson } from "../_shared/http/read_json.ts";
import type { Exchange } from "../_shared/http/exchange.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import { callRoutes } from "../_shared/gateway/call_routes.ts";
import { fieldsFor } from "../_shared/gateway/fields_for.ts";
import { readIdempotency } from "../_shared/gateway/idempotency.ts";
import { takeTurn, type TurnDeps, type TurnWork } from "../_shared/gateway/take_turn.ts";
import { readText } from "../_shared/gateway/upstream.ts";
import { EMBEDDING_FIELDS } from "./allowed_fields.ts";
import { operations } from "./operations.ts";
import { inputMessages, parseEmbeddingRequest } from "./schema.ts";
import { readVectors } from "./vectors.ts";

/** The outside of the embeddings function. */
export interface EmbeddingsDeps extends RespondDeps, TurnDeps {
  authenticate: AuthenticateCaller;
}

/** Answers the {@linkcode operations} of the function `embeddings`. */
export function handleEmbeddings(request: Request, deps: EmbeddingsDeps): Promise<Response> {
  return respond(request, "embeddings", operations, {
    embed: (request, exchange) => embed(request, exchange, deps),
  }, deps);
}

/** One turn, though nothing of it is kept but what it cost. */
async function embed(
  request: Request,
  exchange: Exchange,
  deps: EmbeddingsDeps,
): Promise<Response> {
  const caller = await exchange.measure("auth", () => deps.authenticate(request));
  Object.assign(exchange.fields, callerFields(caller));
  return await takeTurn(caller, "embeddings", () => readInput(request, deps), exchange, deps);
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
        body: (route) => ({ ...fieldsFor(route, body, EMBEDDING_FIELDS), model: route.model }),
        accept: async (upstream, target) =>
          readVectors(await readText(upstream), open.turn.model, messages, target),
      });
      await open.ledger.settle(answer, null, whole);
      return Response.json(whole);
    },
    repeat: (answer) => Response.json(answer),
  };
}
