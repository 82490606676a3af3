import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { eventsOf, HELLO, startChat } from "../support/chat_fixture.ts";
import { data, stream } from "../support/upstream_server.ts";

/*
 * Streams as no vendor documents them: fields missing, null or of another type, events repeated, in
 * another order or unknown, split at any byte, cut at any event. Whatever comes, nothing is lost that
 * was measured, half an answer does not pass for a whole one, and only an outage counts against an agent.
 */

// deno-lint-ignore no-explicit-any -- a stream of any shape.
type Json = any;

const delta = (delta: object, finish_reason: string | null = null) => ({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta, finish_reason }],
});
const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const call = { index: 0, id: "a", type: "function", function: { name: "f", arguments: "{}" } };
const STREAM: Json[] = [
  delta({ role: "assistant", content: "" }),
  delta({ content: "one " }),
  delta({ reasoning_content: "hm", content: "two " }),
  delta({ content: "three" }),
  delta({ tool_calls: [call] }),
  delta({}, "stop"),
];
const USAGE_EVENT = { id: "c1", choices: [], usage: USAGE };

/** What a stream is changed by. */
interface Change {
  at: number;
  field: number;
  /** undefined removes the field. */
  value: unknown;
  how: "field" | "repeat" | "swap" | "insert" | "drop";
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(50),
  field: fc.nat(50),
  value: fc.constantFrom<unknown>(undefined, null, 7, -1.5, true, "x", "", [], {}, [null], [{}], {
    text: "x",
  }),
  how: fc.constantFrom("field", "field", "field", "repeat", "swap", "insert", "drop"),
});

const UNKNOWN = [{ type: "ping" }, { id: "c1" }, {}, { object: "to.come", items: [1] }, {
  choices: [{ index: 1, delta: { content: "another" }, finish_reason: "stop" }],
}];

function changed(changes: readonly Change[], usageAt: number): Json[] {
  const events: Json[] = structuredClone(STREAM);
  for (const { at, field, value, how } of changes) {
    const place = at % Math.max(events.length, 1);
    if (how === "repeat") events.splice(place, 0, structuredClone(events[place] ?? {}));
    else if (how === "drop") events.splice(place, 1);
    else if (how === "insert") {
      events.splice(place, 0, structuredClone(UNKNOWN[field % UNKNOWN.length]));
    } else if (how === "swap") events.push(...events.splice(place, 1));
    else setField(events[place], field, value);
  }
  events.splice(usageAt % (events.length + 1), 0, USAGE_EVENT);
  return events;
}

function setField(event: Json, at: number, value: unknown): void {
  const fields: [object: Json, name: string][] = [];
  const walk = (one: Json): void => {
    if (typeof one !== "object" || one === null) return;
    for (const name of Object.keys(one)) {
      fields.push([one, name]);
      walk(one[name]);
    }
  };
  walk(event);
  const [object, name] = fields[at % Math.max(fields.length, 1)] ?? [];
  if (object === undefined || name === undefined) return;
  if (value === undefined) delete object[name];
  else object[name] = structuredClone(value);
}

/** What a reader of the same events must have read: the text, and whether the vendor says that it ends. */
function said(events: readonly Json[]): { text: string; untilEnd: string; ends: boolean } {
  let text = "";
  let untilEnd: string | null = null;
  for (const event of events) {
    if (!Array.isArray(event.choices)) continue;
    const choice = event.choices.find((one: Json) =>
      typeof one === "object" && one !== null && !Array.isArray(one) &&
      (typeof one.index !== "number" || one.index === 0)
    );
    const content = choice?.delta?.content;
    if (typeof content === "string") text += content;
    if (content?.text === "x") text += "x";
    if (Array.isArray(choice?.finish_reason)) continue;
    const ends = typeof choice?.finish_reason === "string" && choice.finish_reason !== "";
    if (ends) untilEnd ??= text;
  }
  return { text, untilEnd: untilEnd ?? text, ends: untilEnd !== null };
}

Deno.test("whatever a vendor streams, usage is kept, half is not whole, and agents are not blamed", async () => {
  let bytes = new Uint8Array();
  let cuts: number[] = [];
  await using chat = startChat(() => {
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b)];
    const parts = [...ends, bytes.length].map((end, at) => bytes.slice(ends[at - 1] ?? 0, end));
    return stream(...parts.filter((part) => part.length > 0));
  });
  const property = fc.asyncProperty(
    fc.array(change, { maxLength: 4 }),
    fc.array(fc.nat(5000), { maxLength: 3 }),
    fc.nat(20),
    fc.boolean(),
    fc.boolean(),
    async (changes, split, usageAt, hasDone, asked) => {
      const events = changed(changes, usageAt);
      const text = events.map(data).join("") + (hasDone ? data("[DONE]") : "");
      [bytes, cuts] = [new TextEncoder().encode(text), split];
      const turn = chat.database.turns.length;
      const response = await chat.post({ ...HELLO, stream: asked });
      const given = await read(response, asked);
      const { state, usage, attempts, error } = await chat.database.settled(turn);
      const about = `${response.status} ${JSON.stringify(error)} ${text}`;

      if (attempts.some(({ counts_against_agent }) => counts_against_agent)) {
        equal(error?.code, "upstream_interrupted", `only an outage counts: ${about}`);
        ok(!hasDone || !said(events).ends || said(events).text === "", `an outage: ${about}`);
      }
      ok(response.status === 200 || response.status === 502, about);
      equal(given.isWhole, state === "succeeded", `the ledger says the same: ${about}`);
      if (!given.isWhole) return;
      const must = said(events);
      ok(hasDone || must.ends, `whole without an end: ${about}`);
      // What a vendor says after its end, it may spoil.
      ok(must.text.startsWith(given.text), `nothing else: ${about}`);
      ok(given.text.startsWith(must.untilEnd), `all of it: ${about}`);
      // What follows the vendor's count is estimated, and the larger number holds.
      ok(usage && usage.input_tokens >= 11 && usage.output_tokens >= 7, `measured: ${about}`);
    },
  );
  await fc.assert(property, { numRuns: 1500 });
});

/** Whether an answer is given as a whole one, and its text. */
async function read(response: Response, asked: boolean) {
  if (!asked || response.status !== 200) {
    const { choices, error } = await response.json();
    return { isWhole: !error, text: choices?.[0]?.message.content ?? "" };
  }
  const events: Json[] = await eventsOf(response);
  const last = events.pop();
  const pieces = events.map(({ choices }) => choices?.[0]?.delta.content ?? "");
  return { isWhole: last === "[DONE]", text: pieces.join("") };
}
