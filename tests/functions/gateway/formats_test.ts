import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { UpstreamError } from "../../../functions/_shared/gateway/call/upstream_error.ts";
import { embeddings } from "../../../functions/_shared/gateway/formats/embeddings/format.ts";
import type {
  AnswerContext,
  WireFormat,
} from "../../../functions/_shared/gateway/formats/format.ts";
import { images } from "../../../functions/_shared/gateway/formats/images/format.ts";
import { moderations } from "../../../functions/_shared/gateway/formats/moderations/format.ts";
import { speech } from "../../../functions/_shared/gateway/formats/speech/format.ts";
import { transcription } from "../../../functions/_shared/gateway/formats/transcription/format.ts";
import { Upload } from "../../../functions/_shared/http/upload.ts";
import { anthropicMessages } from "../../../functions/_shared/gateway/formats/anthropic_messages/format.ts";
import { openaiChat } from "../../../functions/_shared/gateway/formats/openai_chat/format.ts";
import { openaiResponses } from "../../../functions/_shared/gateway/formats/openai_responses/format.ts";
import { DEFAULT_LIMITS } from "../../../functions/_shared/gateway/limits.ts";
import type { Turn } from "../../../functions/_shared/gateway/turn_database.ts";
import { echoFormat } from "../support/echo_format.ts";
import { route } from "../support/memory_database.ts";

/** The data with which every wire format is tested: each format has a row. */
interface Row {
  /** The smallest body, and invalid values of one of its fields. */
  body: object;
  wrong: object;
  /** A complete answer of an upstream without usage; absent if answers are not text. */
  answer?: object;
  /** The events of a streamed answer; absent if the format has no streams. */
  events?: string[];
  /** The content that is stored; "hi" if absent. */
  content?: string;
}

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const delta = (delta: object, finish_reason: string | null = null) =>
  JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] });

function test<Body extends object>(name: string, format: WireFormat<Body>, row: Row): void {
  const parse = (body: object) => format.parse(body, new Headers());
  const asked = parse(row.body);
  const turn: Turn = {
    turn_id: crypto.randomUUID(),
    model: "gpt-4o",
    routes: [route()],
    defaults: {},
    messages: asked.turn.messages,
    new_messages: asked.turn.messages.length,
  };
  const sent = () => format.upstreamBody(asked.body, turn, route());
  const context = (): AnswerContext<Body> => ({
    body: asked.body,
    turn,
    route: route(),
    endpoint: { url: "", headers: {}, secret: "secret 5f1e0c7d9b", ownKey: false, sent: sent() },
    promptTokens: () => 7,
    startedAt: 0,
    now: () => 1_000,
  });

  Deno.test(`${name} validates a request and names the field at fault`, () => {
    ok(asked.turn.messages.every(({ role }) => role === "user"));
    ok(asked.turn.other_bytes >= 0 && Number.isInteger(asked.turn.other_tokens));
    throws(() => parse(row.wrong), (error) => error instanceof ApiError && error.param !== null);
    throws(() => parse({}), (error) => error instanceof ApiError && error.status === 400);
  });

  Deno.test(`${name} writes its errors in the form that it declares`, () => {
    const error = new ApiError("budget_exceeded", "It costs too much.", { param: "model" });
    const { status, body } = format.errors.write(error, "req_1");
    ok(format.errors.schema.safeParse(body).success && status >= 400);
    ok(JSON.stringify(body).includes("budget_exceeded"));
  });

  Deno.test(`${name} has a path and a bound`, () => {
    ok(format.path.startsWith("/") && !format.path.endsWith("/"));
    ok(format.maxBytes(DEFAULT_LIMITS) > 0);
  });

  Deno.test(`${name} sends a route the model under its own name, and what was asked`, () => {
    equal(sent().model, "openai/gpt-4o");
    ok(Object.keys(sent()).length > 1);
  });

  Deno.test(`${name} fails on an answer that reports an error, is cut, or is of another format`, () => {
    const reported = { error: { message: "secret 5f1e0c7d9b is no good", code: 500 } };
    for (const text of [JSON.stringify(reported), "{", "[]", "{}", '"text"']) {
      throws(
        () => format.readWhole(text, context()),
        (error) => error instanceof UpstreamError && !error.message.includes("5f1e"),
      );
    }
  });

  if (format.isBinary) return;
  Deno.test(`${name} reads a whole answer, and estimates usage that the vendor does not report`, () => {
    const { answer, body } = format.readWhole(JSON.stringify(row.answer), context());
    deepEqual([answer.usage?.input_tokens, answer.usage?.estimated], [7, true]);
    ok(Object.keys(body).length > 0);
    const measured = format.readWhole(JSON.stringify({ ...row.answer, usage }), context());
    equal(measured.answer.usage?.input_tokens, 3);
  });

  Deno.test(`${name} replays what it stored of a whole answer`, async () => {
    const { body } = format.readWhole(JSON.stringify(row.answer), context());
    const replayed = format.replay(JSON.parse(JSON.stringify(body)), asked.body);
    deepEqual(await replayed.json(), JSON.parse(JSON.stringify(body)));
  });

  if (!row.events) return;
  const events = row.events;
  Deno.test(`${name} translates a stream, which ends in one way only`, () => {
    const stream = format.openStream?.(context(), 1_000, "");
    ok(stream);
    equal(stream.hasOutput, false);
    const taken = events.map((data) => stream.take({ event: "message", data }));
    ok(taken.some(({ bytes }) => bytes !== null) && taken.every(({ error }) => error === null));
    deepEqual(taken.map(({ isLast }) => isLast), events.map((_, at) => at === events.length - 1));
    ok(stream.hasOutput && stream.isFinished);
    ok(stream.estimate().estimated && stream.estimate().output_tokens > 0);
    const answer = stream.answer();
    equal(answer.content, row.content ?? "hi");
    ok(stream.end(answer).length > 0 && stream.stored(answer) !== null);
    const failure = new ApiError("upstream_interrupted", "It broke off.");
    ok(new TextDecoder().decode(stream.fail(failure, answer)).includes("upstream_interrupted"));
  });
}

test("openai_chat", openaiChat, {
  body: { messages: [{ role: "user", content: "hello" }] },
  wrong: { messages: [{ role: "user", content: "hello" }], temperature: 9 },
  answer: { choices: [{ message: { role: "assistant", content: "hi" }, finish_reason: "stop" }] },
  events: [delta({ content: "h" }), delta({ content: "i" }, "stop"), "[DONE]"],
});
test("openai_responses", openaiResponses, {
  body: { input: "hello", stream: false },
  wrong: { input: "hello", temperature: 9 },
  answer: { choices: [{ message: { role: "assistant", content: "hi" }, finish_reason: "stop" }] },
  events: [delta({ content: "h" }), delta({ content: "i" }, "stop"), "[DONE]"],
});
test("anthropic_messages", anthropicMessages, {
  body: { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hello" }] },
  wrong: { model: "m", max_tokens: 0, messages: [{ role: "user", content: "hello" }] },
  answer: { choices: [{ message: { role: "assistant", content: "hi" }, finish_reason: "stop" }] },
  events: [delta({ content: "h" }), delta({ content: "i" }, "stop"), "[DONE]"],
});
test("embeddings", embeddings, {
  body: { input: "hello" },
  wrong: { input: "hello", dimensions: -1 },
  answer: { data: [{ embedding: [0.5] }] },
});
const image = (type: string) =>
  JSON.stringify({ type: `image_generation.${type}`, b64_json: "AAAA" });
test("images", images, {
  body: { prompt: "hello" },
  wrong: { prompt: "hello", n: 99 },
  answer: { data: [{ b64_json: "AAAA" }] },
  events: [image("partial_image"), image("completed"), "[DONE]"],
  content: "[1 image]",
});
test("moderations", moderations, {
  body: { input: "hello" },
  wrong: { input: "hello", model: 7 },
  answer: { results: [{ flagged: false, categories: {}, category_scores: {} }] },
});
test("speech", speech, {
  body: { input: "hello", voice: "alloy" },
  wrong: { input: "hello", voice: "alloy", speed: 9 },
});
const upload = (text: string) =>
  new Upload(new File([], "a.ogg"), new TextEncoder().encode(text), "");
test("transcription", transcription, {
  body: { file: upload("OggS"), response_format: "json" },
  wrong: { file: upload("%PDF") },
  answer: { text: "hi" },
  events: [
    JSON.stringify({ type: "transcript.text.delta", delta: "hi" }),
    JSON.stringify({ type: "transcript.text.done", text: "hi" }),
    "[DONE]",
  ],
  content: "[transcript]",
});
test("a format of a test", echoFormat, {
  body: { say: "hello" },
  wrong: { say: 1 },
  answer: { echo: "hi" },
  events: ["h", "i", "END"],
});
