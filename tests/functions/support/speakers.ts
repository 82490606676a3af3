import { deepEqual, equal, ok } from "node:assert/strict";
import { eventsOf, HELLO } from "./chat_fixture.ts";
import { blocksOf, HI, messageEvents, postMessages } from "./messages_fixture.ts";
import { RESPONSES_URL, type ResponsesFixture } from "./responses_fixture.ts";

// deno-lint-ignore no-explicit-any -- an answer of any shape.
type Json = any;

/** An answer as a client of a format reads it. */
export interface Given {
  isWhole: boolean;
  text: string;
}

/** How a client of a format sends requests and reads answers. */
export interface Speaker {
  post(fixture: ResponsesFixture, stream: boolean): Promise<Response>;
  readWhole(body: Json): Given;
  readStream(response: Response): Promise<Given>;
}

/** The formats that clients speak, by their paths. */
export const SPEAKERS: Record<string, Speaker> = {
  "/chat/completions": {
    post: ({ chat }, stream) => chat.post({ ...HELLO, stream }),
    readWhole: ({ choices, error }) => ({
      isWhole: !error,
      text: choices?.[0]?.message.content ?? "",
    }),
    async readStream(response) {
      const events: Json[] = await eventsOf(response);
      const last = events.pop();
      const pieces = events.map(({ choices }) => choices?.[0]?.delta.content ?? "");
      return { isWhole: last === "[DONE]", text: pieces.join("") };
    },
  },
  "/responses": {
    post: ({ fetch }, stream) =>
      fetch(`${RESPONSES_URL}/responses`, {
        method: "POST",
        body: JSON.stringify({ model: HELLO.model, input: "hello", stream }),
      }),
    readWhole: ({ status, output }) => ({
      isWhole: status === "completed" || status === "incomplete",
      text: textOfItems(output ?? []),
    }),
    async readStream(response) {
      const text = await response.text();
      return readEvents(
        text.split("\n\n").flatMap((event) => {
          const payload = /^data: (.*)$/m.exec(event)?.[1];
          return payload ? [JSON.parse(payload)] : [];
        }),
      );
    },
  },
  "/messages": {
    post: ({ chat }, stream) => postMessages(chat, { ...HI, stream }),
    readWhole: ({ type, content }) => ({
      isWhole: type === "message",
      text: textOfBlocks(content ?? []),
    }),
    async readStream(response) {
      const events = await messageEvents(response);
      const isWhole = events.at(-1)?.type === "message_stop";
      // A stream that broke off leaves a block open.
      if (!isWhole) return { isWhole, text: "" };
      equal(events.filter(({ type }) => type === "message_start").length, 1);
      equal(events.filter(({ type }) => type === "message_delta").length, 1);
      // Malformed arguments of a vendor are passed on unchanged.
      const pieces = events.filter(({ delta }) => delta?.type !== "input_json_delta");
      return { isWhole, text: textOfBlocks(blocksOf(pieces)) };
    },
  },
};

function textOfBlocks(blocks: readonly Json[]): string {
  return blocks.map((block) => block.type === "text" ? block.text : "").join("");
}

function textOfItems(items: readonly Json[]): string {
  return items.flatMap((item) => item.type === "message" ? item.content : [])
    .map((part) => part.type === "output_text" ? part.text : "").join("");
}

/** Reads the events of a response as strictly as the strictest client. */
function readEvents(events: readonly Json[]): Given {
  const items: Json[] = [];
  const open = new Map<string, string>();
  for (const [number, event] of events.entries()) {
    equal(event.sequence_number, number);
    if (event.type === "response.output_item.added") {
      equal(event.output_index, items.length);
      items.push(event.item);
      open.set(event.item.id, "");
    } else if (event.type === "response.output_item.done") {
      equal(event.item.id, items[event.output_index].id);
      equal(textOfItems([event.item]), open.get(event.item.id));
      ok(open.delete(event.item.id), "an item is closed twice");
    } else if (event.item_id !== undefined) {
      equal(event.item_id, items[event.output_index].id);
      ok(open.has(event.item_id), "an event of an item that is not open");
      if (event.type !== "response.output_text.delta") continue;
      open.set(event.item_id, `${open.get(event.item_id)}${event.delta}`);
    }
  }
  const { type, response } = events.at(-1);
  const ends = events.filter((event) => /\.(completed|incomplete|failed)$/.test(event.type));
  equal(ends.length, 1, "one end");
  equal(open.size, 0, "an item is left open");
  deepEqual(response.output.map(({ id }: Json) => id), items.map(({ id }) => id));
  return { isWhole: type !== "response.failed", text: textOfItems(response.output) };
}
