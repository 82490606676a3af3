import { handleMessages } from "../../../functions/messages/handler.ts";
import { type ChatFixture, chatRequest } from "./chat_fixture.ts";
import { data, stream } from "./upstream_server.ts";

/** Sends a body to the messages function of a fixture. */
export function postMessages(
  chat: ChatFixture,
  body: unknown,
  headers: Record<string, string> = {},
  path = "/messages",
): Promise<Response> {
  return handleMessages(chatRequest(body, headers, path), chat.deps);
}

/** The smallest valid body. */
export const HI = {
  model: "gpt-4o",
  max_tokens: 100,
  messages: [{ role: "user", content: "hello" }],
};

/** An event of a message, with the fields that tests read. */
export interface MessageEvent {
  type: string;
  index?: number;
  // deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
  [field: string]: any;
}

/** The events of a streamed message, each of which must have its name. */
export async function messageEvents(response: Response): Promise<MessageEvent[]> {
  const text = await response.text();
  return text.split("\n\n").filter((event) => event !== "" && !event.startsWith(":"))
    .map((event) => {
      const [name, payload] = event.split("\n");
      const parsed = JSON.parse(payload?.slice("data: ".length) ?? "");
      if (name !== `event: ${parsed.type}`) throw new Error(`"${name}" is not ${parsed.type}`);
      return parsed;
    });
}

/** The blocks of a message, merged from its events as clients merge them. */
// deno-lint-ignore no-explicit-any -- likewise.
export function blocksOf(events: readonly MessageEvent[]): any[] {
  // deno-lint-ignore no-explicit-any -- likewise.
  const blocks: any[] = [];
  let open: number | null = null;
  for (const { type, index, content_block, delta } of events) {
    if (type === "content_block_start") {
      if (open !== null || index !== blocks.length) throw new Error("a block within a block");
      open = blocks.length;
      blocks.push({ ...content_block, ...content_block.type === "tool_use" && { input: "" } });
    } else if (type === "content_block_delta") {
      if (open !== index) throw new Error("a piece of a block that is not open");
      const block = blocks[open!];
      if (delta.type === "text_delta") block.text += delta.text;
      if (delta.type === "thinking_delta") block.thinking += delta.thinking;
      if (delta.type === "signature_delta") block.signature += delta.signature;
      if (delta.type === "input_json_delta") block.input += delta.partial_json;
    } else if (type === "content_block_stop") {
      if (open !== index) throw new Error("the end of a block that is not open");
      const block = blocks[open!];
      if (block.type === "tool_use") block.input = JSON.parse(block.input || "{}");
      open = null;
    }
  }
  if (open !== null) throw new Error("a block without an end");
  return blocks;
}

/** The events of Anthropic's API. */
export function vendorEvents(...events: MessageEvent[]): Response {
  return stream(...events.map((event) => `event: ${event.type}\n${data(event)}`));
}
