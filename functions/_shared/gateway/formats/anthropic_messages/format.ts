import type { WireFormat } from "../format.ts";
import { anthropicErrors } from "./errors.ts";
import { readMessage } from "./message.ts";
import {
  betaHeaders,
  type MessagesRequest,
  messagesUpstreamBody,
  parseMessagesRequest,
} from "./request.ts";
import { openMessageStream, replayMessage } from "./stream.ts";

/** Anthropic's messages API, streamed or not. */
export const anthropicMessages: WireFormat<MessagesRequest> = {
  kind: "chat",
  scope: "chat",
  path: "/chat/completions",
  errors: anthropicErrors,
  maxBytes: ({ chatRequestBytes }) => chatRequestBytes,
  parse: parseMessagesRequest,
  upstreamBody: messagesUpstreamBody,
  upstreamHeaders: betaHeaders,
  readWhole: readMessage,
  openStream: openMessageStream,
  replay: replayMessage,
};
