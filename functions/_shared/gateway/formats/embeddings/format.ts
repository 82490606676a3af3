import { openaiErrors } from "../../../http/openai_errors.ts";
import { billableFields } from "../../prepare/billable_fields.ts";
import { sizeOfMessages, tokensOf } from "../../token_estimate.ts";
import type { WireFormat } from "../format.ts";
import { EMBEDDING_FIELDS } from "./allowed_fields.ts";
import { type EmbeddingBody, inputMessages, parseEmbeddingRequest } from "./schema.ts";
import { readVectors } from "./vectors.ts";

/** OpenAI's embeddings API. The ledger records only its cost. */
export const embeddings: WireFormat<EmbeddingBody> = {
  kind: "embedding",
  scope: "embeddings",
  path: "/embeddings",
  errors: openaiErrors,
  maxBytes: ({ embeddingRequestBytes }) => embeddingRequestBytes,
  maxStructure: ({ embeddingRequestBytes }) => embeddingRequestBytes,
  parse(json) {
    const body = parseEmbeddingRequest(json);
    const messages = inputMessages(body, 1);
    const turn = {
      model: body.model ?? null,
      session_id: null,
      title: null,
      messages,
      other_bytes: 0,
      // The size of token input is stated as its minimum in bytes; its estimate is the exact token
      // count.
      other_tokens: promptTokens(body) - tokensOf(sizeOfMessages(messages)),
      max_output_tokens: null,
    };
    return { body, turn, stream: false };
  },
  upstreamBody: (body, _turn, route) => ({
    ...billableFields(route, body, EMBEDDING_FIELDS),
    model: route.model,
  }),
  readWhole: readVectors,
  replay: (stored) => Response.json(stored),
};

/** Tokens of the input: counted if the input consists of tokens, estimated if it is text. */
function promptTokens(body: EmbeddingBody): number {
  return tokensOf(sizeOfMessages(inputMessages(body, 4)));
}
