import type { WireFormat } from "../_shared/gateway/formats/format.ts";
import { openaiChat } from "../_shared/gateway/formats/openai_chat/format.ts";
import type { ChatBody } from "../_shared/gateway/formats/openai_chat/schema.ts";
import { parseBody } from "../_shared/http/parse_body.ts";
import { operations } from "./operations.ts";

/**
 * A visitor's message as a chat completion. Everything else that a completion could be asked is the
 * agent's, and what the session has said is the database's to add.
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
