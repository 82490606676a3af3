import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { change, changed, type Json, type VendorStream } from "../support/changed_streams.ts";
import { startResponses } from "../support/responses_fixture.ts";
import { framed, FRAMES } from "../support/framed_streams.ts";
import { type Speaker, SPEAKERS } from "../support/speakers.ts";
import { data, stream } from "../support/upstream_server.ts";

/*
 * Streams as no vendor documents them: fields missing, null or of another type, events repeated, in
 * another order or unknown, errors among them, framed in any way, compressed, split at any byte, cut at
 * any event. Whatever comes, nothing is lost that was measured, half an answer does not pass for a whole one, and only an outage counts against an agent:
 * in each format that clients speak.
 */

const delta = (delta: object, finish_reason: string | null = null) => ({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta, finish_reason }],
});
const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const call = { index: 0, id: "a", type: "function", function: { name: "f", arguments: "{}" } };
const OPENAI_EVENTS: Json[] = [
  delta({ role: "assistant", content: "" }),
  delta({ content: "one " }),
  delta({ reasoning_content: "hm", content: "two " }),
  delta({ content: "three" }),
  delta({ tool_calls: [call] }),
  delta({}, "stop"),
];
const OPENAI_UNKNOWN = [
  { type: "ping" },
  { id: "c1" },
  {},
  { object: "to.come", items: [1] },
  { choices: [{ index: 1, delta: { content: "another" }, finish_reason: "stop" }] },
  { choices: [] },
  { id: "c2", choices: [], usage: null },
  // Some vendors report usage with each chunk: the tokens so far.
  { choices: [], usage: { prompt_tokens: 11, completion_tokens: 1, total_tokens: 12 } },
  delta({ tool_calls: [{ ...call, index: undefined }] }),
  delta({ tool_calls: [{ ...call, index: 1 }] }),
  delta({}, "length"),
];
const ERRORS: Json[] = [
  { error: { message: "overloaded", type: "overloaded_error", code: 503 } },
  { type: "error", error: { type: "overloaded_error", message: "overloaded" } },
];

/** What a reader of the same events must get: the text, and whether the vendor ended the stream. */
interface Said {
  text: string;
  untilEnd: string;
  ends: boolean;
}

/** The index of the event in which the vendor reports a failure; -1 if there is none. */
function failureIn(events: readonly Json[]): number {
  return events.findIndex(({ error, type }) => error || type === "error");
}

/** Content is a text, or a list of parts, as some vendors send it. */
function textOf(content: Json): string {
  if (typeof content === "string") return content;
  if (Array.isArray(content)) return content.map(textOf).join("");
  return content?.text === "x" ? "x" : "";
}

function saidByOpenai(events: readonly Json[]): Said {
  let text = "";
  let untilEnd: string | null = null;
  for (const event of events) {
    if (!Array.isArray(event.choices)) continue;
    const choice = event.choices.find((one: Json) =>
      typeof one === "object" && one !== null && !Array.isArray(one) &&
      (typeof one.index !== "number" || one.index === 0)
    );
    const old = typeof choice?.text === "string" && !choice.delta ? choice.text : undefined;
    const content = choice?.delta?.content ?? old;
    text += textOf(content);
    if (Array.isArray(choice?.finish_reason)) continue;
    const ends = typeof choice?.finish_reason === "string" && choice.finish_reason !== "";
    if (ends) untilEnd ??= text;
  }
  return { text, untilEnd: untilEnd ?? text, ends: untilEnd !== null };
}

const block = (index: number, content_block: object, delta: object) => [
  { type: "content_block_start", index, content_block },
  { type: "content_block_delta", index, delta },
  { type: "content_block_stop", index },
];
const ANTHROPIC_USAGE = { input_tokens: 11, output_tokens: 7 };
const ANTHROPIC_EVENTS: Json[] = [
  { type: "message_start", message: { id: "m", model: "c", content: [], usage: ANTHROPIC_USAGE } },
  ...block(0, { type: "thinking", thinking: "" }, { type: "thinking_delta", thinking: "hm" }),
  ...block(1, { type: "text", text: "one " }, { type: "text_delta", text: "two " }),
  ...block(
    2,
    { type: "tool_use", id: "a", name: "f", input: {} },
    { type: "input_json_delta", partial_json: "{}" },
  ),
  ...block(3, { type: "text", text: "" }, { type: "text_delta", text: "three" }),
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 7 } },
];

/** Some gateways leave the type of a delta out. */
function textOfDelta(delta: Json): Json {
  const { type = null, text } = delta ?? {};
  if (type === null) return typeof text === "string" ? text : null;
  return type === "text_delta" ? text : null;
}

function saidByAnthropic(events: readonly Json[]): Said {
  let text = "";
  let untilEnd: string | null = null;
  for (const event of events) {
    const piece = event.type === "content_block_start" && event.content_block?.type === "text"
      ? event.content_block.text
      : event.type === "content_block_delta"
      ? textOfDelta(event.delta)
      : null;
    text += textOf(piece);
    const reason = event.type === "message_delta" ? event.delta?.stop_reason : null;
    if (typeof reason === "string" && reason !== "") untilEnd ??= text;
  }
  return { text, untilEnd: untilEnd ?? text, ends: untilEnd !== null };
}

const part = (part: object, rest: object = {}) => ({
  responseId: "r",
  modelVersion: "m",
  candidates: [{ index: 0, content: { role: "model", parts: [part] }, ...rest }],
});
const GEMINI_EVENTS: Json[] = [
  part({ text: "hm", thought: true }),
  part({ text: "one " }),
  part({ text: "two " }),
  part({ functionCall: { name: "f", args: {} }, thoughtSignature: "s" }),
  part({ text: "three" }, { finishReason: "STOP" }),
];

function saidByGemini(events: readonly Json[]): Said {
  let text = "";
  let untilEnd: string | null = null;
  const isObject = (value: Json) =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  for (const { candidates } of events) {
    if (!Array.isArray(candidates)) continue;
    const candidate = candidates.find((one) => isObject(one) && (one.index ?? 0) === 0);
    const parts = candidate?.content?.parts;
    for (
      const { text: piece, thought, functionCall } of Array.isArray(parts)
        ? parts.filter(isObject)
        : []
    ) {
      if (typeof piece === "string" && thought !== true && !isObject(functionCall)) text += piece;
    }
    const reason = candidate?.finishReason;
    if (typeof reason === "string" && reason !== "") untilEnd ??= text;
  }
  return { text, untilEnd: untilEnd ?? text, ends: untilEnd !== null };
}

interface Vendor extends VendorStream {
  route: object;
  /** How an event is sent. */
  write(event: Json): string;
  /** The end mark of the stream. */
  done: string;
  said(events: readonly Json[]): Said;
}

const VENDORS: Record<string, Vendor> = {
  "OpenAI's API": {
    events: OPENAI_EVENTS,
    usage: { id: "c1", choices: [], usage: USAGE },
    usageFrom: 0,
    unknown: [...OPENAI_UNKNOWN, ...ERRORS],
    route: {},
    write: data,
    done: data("[DONE]"),
    said: saidByOpenai,
  },
  "Anthropic's API": {
    events: ANTHROPIC_EVENTS,
    usage: { type: "message_delta", delta: {}, usage: ANTHROPIC_USAGE },
    usageFrom: ANTHROPIC_EVENTS.length - 1,
    unknown: [
      { type: "ping" },
      {},
      { type: "to_come", items: [1] },
      { type: "content_block_stop" },
      ...ERRORS,
    ],
    route: { api_format: "anthropic", auth_header: "x-api-key", auth_scheme: null },
    write: (event) => `event: ${event.type}\n${data(event)}`,
    done: `event: message_stop\n${data({ type: "message_stop" })}`,
    said: saidByAnthropic,
  },
  "Gemini's API": {
    events: GEMINI_EVENTS,
    usage: {
      usageMetadata: { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 },
    },
    usageFrom: 0,
    unknown: [
      {},
      { candidates: [] },
      { to_come: [1] },
      part({ executableCode: { code: "1" } }),
      ...ERRORS,
    ],
    route: { api_format: "gemini", auth_header: "x-goog-api-key", auth_scheme: null },
    write: data,
    done: data("[DONE]"),
    said: saidByGemini,
  },
};

/** The number of streams per vendor, for each format of a client. */
const RUNS: Record<string, number> = { "OpenAI's API": 1_200 };

Deno.test("for any stream of a vendor, usage is kept, a partial answer is not whole, and agents are not blamed", async (test) => {
  for (const [name, vendor] of Object.entries(VENDORS)) {
    for (const [path, speaker] of Object.entries(SPEAKERS)) {
      await test.step(`${name}, ${path}`, () => tryStreams(vendor, speaker, RUNS[name] ?? 500));
    }
  }
});

async function tryStreams(vendor: Vendor, speaker: Speaker, numRuns: number): Promise<void> {
  let bytes = new Uint8Array();
  let frame = "plain";
  let cuts: number[] = [];
  await using fixture = startResponses(() => {
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b)];
    const parts = [...ends, bytes.length].map((end, at) => bytes.slice(ends[at - 1] ?? 0, end));
    const answer = stream(...parts.filter((part) => part.length > 0));
    if (frame === "gzip") answer.headers.set("content-encoding", "gzip");
    return answer;
  }, { limits: { attempts: 2, backoffMs: 1 } });
  const { database } = fixture.chat;
  Object.assign(fixture.chat.route, vendor.route);
  const property = fc.asyncProperty(
    fc.array(change, { maxLength: 4 }),
    fc.array(fc.nat(5000), { maxLength: 3 }),
    fc.nat(20),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom(...Object.keys(FRAMES)),
    async (changes, split, usageAt, hasDone, asked, framing) => {
      const events = changed(vendor, changes, usageAt);
      const text = events.map(vendor.write).join("") + (hasDone ? vendor.done : "");
      [bytes, cuts, frame] = [await framed(text, framing), split, framing];
      const turn = database.turns.length;
      const response = await speaker.post(fixture, asked);
      const given = asked && response.status === 200
        ? await speaker.readStream(response)
        : speaker.readWhole(await response.json());
      const { state, usage, attempts, error } = await database.settled(turn);
      const about = `${framing} ${response.status} ${JSON.stringify(error)} ${text}`;

      const failure = failureIn(events);
      if (failure < 0 && attempts.some(({ counts_against_agent }) => counts_against_agent)) {
        equal(error?.code, "upstream_interrupted", `only an outage counts: ${about}`);
        ok(
          !hasDone || !vendor.said(events).ends || vendor.said(events).text === "",
          `an outage: ${about}`,
        );
      }
      ok(response.status === 200 || response.status === 502, about);
      equal(given.isWhole, state === "succeeded", `the ledger says the same: ${about}`);
      const isFailed = failure >= 0 && !vendor.said(events.slice(0, failure)).ends;
      ok(!isFailed || !given.isWhole, `an error is no answer: ${about}`);
      if (!given.isWhole) return;
      const must = vendor.said(events);
      ok(hasDone || must.ends, `whole without an end: ${about}`);
      // Events after the vendor's end may be invalid.
      ok(must.text.startsWith(given.text), `nothing else: ${about}`);
      ok(given.text.startsWith(must.untilEnd), `all of it: ${about}`);
      // Text after the vendor's usage is estimated, and the larger number counts.
      ok(usage && usage.input_tokens >= 11 && usage.output_tokens >= 7, `measured: ${about}`);
    },
  );
  await fc.assert(property, { numRuns });
}
