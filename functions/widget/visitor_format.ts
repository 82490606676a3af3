import type { WireFormat } from "../_shared/gateway/formats/format.ts";
import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import type { ChatBody } from "../_shared/gateway/formats/openai_chat/schema.ts";
import { parseBody } from "../_shared/http/parse_body.ts";
import { operations } from "./operations.ts";

/**
 * A visitor's message as a chat completion. All other parameters are the agent's, and the database
 * adds the history of the session.
 */
export const visitorFormat: WireFormat<ChatBody> = {
  ...openaiChat,
  maxBytes: () => operations.send.body.maxBytes,
  parse(json) {
    const { message, stream = true } = parseBody(operations.send.body.schema, json);
    return openaiChat.parse(
      { messages: [{ role: "user", content: message }], stream },
      new Headers(),
    );
  },
};
