import type { WireFormat } from "../format.ts";
import { responsesErrors } from "./errors.ts";
import { parseResponsesRequest, type ResponsesRequest, responsesUpstreamBody } from "./request.ts";
import { openResponseStream, readResponse, replayResponse } from "./stream.ts";

/** OpenAI's responses API, streamed or not, on top of the same upstreams as chat. */
export const openaiResponses: WireFormat<ResponsesRequest> = {
  kind: "chat",
  scope: "chat",
  path: "/chat/completions",
  errors: responsesErrors,
  maxBytes: ({ chatRequestBytes }) => chatRequestBytes,
  parse: (json, headers) => parseResponsesRequest(json, headers, Date.now()),
  upstreamBody: responsesUpstreamBody,
  readWhole: readResponse,
  openStream: openResponseStream,
  replay: replayResponse,
};
