import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import postgres from "postgres";
import {
  sizeOf,
  sizeOfMessages,
  textTokens,
  tokensOf,
} from "../../../functions/_shared/gateway/token_estimate.ts";
import { applyMigrations } from "../../../scripts/stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../../scripts/stack/postgres/temporary-database.ts";

/** Tokens are estimated alike in SQL and TypeScript, by one rule and one table of cases. */

const user = (content: unknown) => ({ role: "user", content });
const image = (url: string) => ({ type: "image_url", image_url: { url, detail: "low" } });
const file = (file: unknown) => ({ type: "file", file });
const png = (bytes: number) => "data:image/png;base64,".padEnd(bytes, "A");

/** Length of the JSON around a user's message: `{"role": "user", "content": ""}`. */
const FRAME = 31;

const texts: [string, number][] = [
  ["", 0],
  ["x".repeat(100), 25],
  ["x".repeat(101), 26],
  ["é".repeat(8), 5],
  ["Привет, мир! ".repeat(8), 53],
  ["你".repeat(100), 100],
  ["こんにちは", 5],
  ["😀".repeat(8), 11],
];

const messages: [string, object, number][] = [
  ["none", [], 1],
  ["a text", user("x".repeat(100 - FRAME)), 25],
  ["a list of one", [user("x".repeat(100 - FRAME))], 26],
  ["a Chinese text", user("你".repeat(8)), 16],
  ["quotes, line ends and control characters", user('"\n\u0001\\'), 11],
  ["an image of a hundred bytes", user([image(png(100))]), 1048],
  ["an image of a megabyte", user([image(png(1_000_000))]), 1048],
  ["an image by its address", user([image("https://example.com/cat.png")]), 1048],
  ["an image without detail", user([{ type: "image_url", image_url: png(900) }]), 1042],
  ["two images", user([image(png(100)), image(png(9000))]), 2089],
  ["a part that is no image", user([{ type: "file", file: { url: "x".repeat(400) } }]), 117],
  ["a document", user([file({ filename: "r.pdf", file_data: png(600_000) })]), 1048],
  [
    "a recording",
    user([{ type: "input_audio", input_audio: { data: png(600_000), format: "wav" } }]),
    1049,
  ],
  ["a document by its id", user([file({ file_id: "x".repeat(400) })]), 118],
  ["a document in a list", user([file([{ file_data: "x".repeat(400) }])]), 119],
  [
    "a document in the field of an image",
    user([{ type: "image_url", file: { file_data: "x".repeat(400) } }]),
    120,
  ],
  ["a recording that is text", user([{ type: "input_audio", input_audio: "x".repeat(400) }]), 119],
  ["null for its bytes", user([file({ file_data: null })]), 1043],
  ["a text that begins as an image does", user(png(100)), 33],
  ["a text part that does", user([{ type: "text", text: png(100) }]), 40],
  [
    "what only looks like an image, elsewhere in a message",
    { role: "user", content: "", name: image(png(100)) },
    52,
  ],
  ["a call of a tool", {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
  }, 36],
];

async function startSql() {
  const database = await startTemporaryDatabase();
  await applyMigrations({ url: database.url });
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  return {
    tokensOfText: async (text: string) =>
      Number((await sql`select private.text_tokens(${text})`)[0]?.text_tokens),
    tokensOfMessages: async (value: object) =>
      Number(
        (await sql`select private.message_tokens(${JSON.stringify(value)}::text::jsonb)`)[0]
          ?.message_tokens,
      ),
    async [Symbol.asyncDispose]() {
      await sql.end();
      await database.stop();
    },
  };
}

Deno.test("tokens are estimated alike in SQL and TypeScript", async () => {
  await using sql = await startSql();
  for (const [text, tokens] of texts) {
    deepEqual([textTokens(text), await sql.tokensOfText(text)], [tokens, tokens], text);
  }
  for (const [what, value, tokens] of messages) {
    const found = [tokensOf(sizeOfMessages(value)), await sql.tokensOfMessages(value)];
    deepEqual(found, [tokens, tokens], what);
  }
  // U+0000 and half of a surrogate pair are refused before anything is estimated.
  const text = fc.string({ unit: "binary" })
    .map((text) => text.replaceAll("\0", "").toWellFormed());
  const part = fc.oneof(
    text.map((text) => ({ type: "text", text })),
    text.map((url) => image(url)),
    fc.record({ type: fc.constant("input_audio"), data: text, length: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(text, fc.array(part, { minLength: 1 }))),
      async (contents) => {
        const value = contents.map(user);
        equal(tokensOf(sizeOfMessages(value)), await sql.tokensOfMessages(value));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("a tool has no images, whatever its schema looks like", () => {
  const tool = { type: "function", function: { name: "f", parameters: image(png(10_000)) } };
  ok(sizeOf({ tools: [tool] }).bytes > 10_000, "its bytes bound what it costs");
});
