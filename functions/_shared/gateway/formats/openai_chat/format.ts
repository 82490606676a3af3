import { openaiErrors } from "../../../http/openai_errors.ts";
import { sizeOf, tokensOf } from "../../token_estimate.ts";
import type { WireFormat } from "../format.ts";
import { askedLimit } from "./answer_limit.ts";
import { readCompletion } from "./completion.ts";
import { replayAnswer } from "./replay.ts";
import { type ChatBody, parseChatRequest } from "./schema.ts";
import { openChatStream } from "./stream.ts";
import { upstreamBody } from "./upstream_body.ts";

/** OpenAI's chat completions API, streamed or not. */
export const openaiChat: WireFormat<ChatBody> = {
  kind: "chat",
  scope: "chat",
  path: "/chat/completions",
  errors: openaiErrors,
  maxBytes: ({ chatRequestBytes }) => chatRequestBytes,
  parse(json, headers) {
    const { body, sessionId, title } = parseChatRequest(json, headers);
    const others = sizeOf({ ...body, messages: undefined });
    const turn = {
      model: body.model ?? null,
      session_id: sessionId,
      store: body.store !== false,
      title,
      messages: body.messages,
      other_bytes: others.bytes,
      other_tokens: tokensOf(others),
      max_output_tokens: askedLimit(body),
    };
    return { body, turn, stream: body.stream === true };
  },
  upstreamBody,
  readWhole: readCompletion,
  openStream: openChatStream,
  replay: replayAnswer,
};
