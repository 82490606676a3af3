import { z } from "zod";
import {
  type FaultRequest,
  type FaultServer,
  pause,
  startFaultServer,
  type Wire,
} from "./fault_server.ts";

/** A fault of an upstream. `at` counts bytes of the answer's body. */
export type Fault =
  | { kind: "none" }
  /** Sends the answer up to `at`, and the rest once the callback for the middle has run. */
  | { kind: "halves"; at: number }
  /** Answers after a delay. */
  | { kind: "late"; ms: number }
  /** Resets the connection instead of answering. */
  | { kind: "reset" }
  /** Does not answer; resets the connection after `ms`, if given. */
  | { kind: "hang"; ms?: number }
  /** Stops sending in the middle; resets the connection after `ms`, if given. */
  | { kind: "stall"; at: number; ms?: number }
  /** The connection breaks in the middle. */
  | { kind: "cut"; at: number }
  /** The answer ends in the middle as if it were complete. */
  | { kind: "end"; at: number }
  /** Sends a few bytes at a time. */
  | { kind: "drip"; ms: number }
  /** Bytes that are not HTTP. */
  | { kind: "noise" }
  /** HTTP with a body of random bytes. */
  | { kind: "garbage" }
  /** A 200 whose body, or the middle of whose stream, reports an error. */
  | { kind: "reported"; at: number }
  /** A status other than 200. */
  | { kind: "status"; status: number; retryAfter?: number };

/** A scripted answer: its usage, which decides the cost, and its fault, if any. */
export interface Script {
  fault: Fault;
  /** How many calls with this script fail before the others succeed; all of them if absent. */
  times?: number;
  /** Distinguishes scripts that are otherwise the same. */
  id: string;
  usage: { prompt: number; completion: number; cached: number };
}

/** An OpenAI-compatible upstream that follows scripts. */
export interface FaultUpstream extends FaultServer {
  /** Base URL of its API. */
  baseUrl: string;
  /** The number of calls with the script of that id. */
  calls(id: string): number;
  /** Runs a callback before the next call with the script of that id is answered. */
  before(id: string, work: () => unknown): void;
  /** Runs a callback in the middle of an answer in halves with the script of that id. */
  between(id: string, work: () => unknown): void;
  /** The number of all calls. */
  total(): number;
  /** The number of different positions at which streams were cut. */
  cuts(): number;
}

const scriptSchema = z.object({
  fault: z.looseObject({ kind: z.string() }),
  times: z.number().optional(),
  id: z.string(),
  usage: z.object({ prompt: z.number(), completion: z.number(), cached: z.number() }),
});

const requestSchema = z.object({
  model: z.string(),
  stream: z.boolean().nullish(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
});

const embeddingSchema = z.object({ model: z.string(), input: z.string() });

const encoder = new TextEncoder();
const noise = new Uint8Array([0, 255, 254, 13, 10, 195, 40, 10, ...encoder.encode("data: {\n\n")]);

/**
 * The words of every answer; some are longer than a byte per character, so that a cut may split
 * one.
 */
export const WORDS = ["Grüße", " from", " the", " 模型", " 🙂", ", with", " love."];

/** The message that makes the upstream follow a script. */
export function scripted(script: Script): string {
  return JSON.stringify(script);
}

/** Starts the upstream on a port of its own. */
export async function startFaultUpstream(port = 0): Promise<FaultUpstream> {
  const counts = new Map<string, number>();
  const cuts = new Set<number>();
  const before = new Map<string, () => unknown>();
  const between = new Map<string, () => unknown>();
  const server = await startFaultServer(async (request, wire) => {
    const { model, stream, asked, embeds } = readRequest(request);
    const script = readScript(asked);
    const calls = (counts.get(script.id) ?? 0) + 1;
    counts.set(script.id, calls);
    await before.get(script.id)?.();
    const isOver = script.times !== undefined && calls > script.times;
    const fault: Fault = isOver ? { kind: "none" } : script.fault;
    const work = async () => void await between.get(script.id)?.();
    if (stream && fault.kind === "cut") cuts.add(fault.at);
    const record = embeds ? recordedEmbedding : stream ? recordedStream : recordedAnswer;
    const body = record(model, script);
    await answer(fault, body, stream ? "text/event-stream" : "application/json", wire, work);
  }, port);
  return {
    url: server.url,
    baseUrl: `${server.url}/v1`,
    calls: (id) => counts.get(id) ?? 0,
    before: (id, work) => void before.set(id, work),
    between: (id, work) => void between.set(id, work),
    cuts: () => cuts.size,
    total: () => counts.values().reduce((sum, count) => sum + count, 0),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The stream of an answer without faults. */
export function recordedStream(
  model: string,
  { usage, id }: Pick<Script, "usage" | "id">,
): Uint8Array {
  const head = { id: `up-${id}`, object: "chat.completion.chunk", created: 1, model };
  const choice = (delta: object, finish_reason: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const events = [
    choice({ role: "assistant", content: "" }),
    ...WORDS.map((content) => choice({ content })),
    choice({}, "stop"),
    { ...head, choices: [], usage: wireUsage(usage) },
  ];
  return encoder.encode(
    [...events.map((event) => JSON.stringify(event)), "[DONE]"].map((data) => `data: ${data}\n\n`)
      .join(""),
  );
}

function recordedAnswer(model: string, { usage, id }: Script): Uint8Array {
  const message = { role: "assistant", content: WORDS.join("") };
  return encoder.encode(JSON.stringify({
    id: `up-${id}`,
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: wireUsage(usage),
  }));
}

function recordedEmbedding(model: string, { usage }: Script): Uint8Array {
  return encoder.encode(JSON.stringify({
    object: "list",
    data: [{ object: "embedding", index: 0, embedding: [0.25, -0.5] }],
    model,
    usage: { prompt_tokens: usage.prompt, total_tokens: usage.prompt },
  }));
}

/** The request, in either of the two APIs. */
function readRequest({ path, body }: FaultRequest) {
  const json: unknown = JSON.parse(new TextDecoder().decode(body));
  if (path.endsWith("/embeddings")) {
    const { model, input } = embeddingSchema.parse(json);
    return { model, stream: false, asked: input, embeds: true };
  }
  const { model, stream, messages } = requestSchema.parse(json);
  const asked = messages.findLast(({ role }) => role === "user")?.content;
  return { model, stream: stream === true, asked, embeds: false };
}

function wireUsage({ prompt, completion, cached }: Script["usage"]): object {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

async function answer(
  fault: Fault,
  body: Uint8Array,
  type: string,
  wire: Wire,
  between: () => Promise<void>,
): Promise<void> {
  const head = () => wire.head(200, { "content-type": type });
  const whole = () => {
    head();
    wire.write(body);
    wire.end();
  };
  switch (fault.kind) {
    case "none":
      return whole();
    case "halves":
      head();
      wire.write(body.subarray(0, fault.at));
      await between();
      wire.write(body.subarray(fault.at));
      return wire.end();
    case "late":
      await pause(fault.ms, wire.gone);
      return whole();
    case "reset":
      return wire.reset();
    case "hang":
    case "stall":
      if (fault.kind === "stall") {
        head();
        wire.write(body.subarray(0, fault.at));
      }
      if (fault.ms === undefined) return;
      await pause(fault.ms, wire.gone);
      return wire.reset();
    case "cut":
      head();
      wire.write(body.subarray(0, fault.at));
      return wire.cut();
    case "end":
      head();
      wire.write(body.subarray(0, fault.at));
      return wire.end();
    case "drip":
      head();
      for (let at = 0; at < body.length && !wire.gone.aborted; at += 37) {
        wire.write(body.subarray(at, at + 37));
        await pause(fault.ms, wire.gone);
      }
      return wire.end();
    case "noise":
      wire.raw(noise);
      return wire.cut();
    case "garbage":
      head();
      wire.write(noise);
      return wire.end();
    case "reported": {
      const error = JSON.stringify({ error: { message: "The model fell over", code: 500 } });
      head();
      if (type === "text/event-stream") {
        wire.write(wholeEvents(body.subarray(0, fault.at)));
        wire.write(encoder.encode(`data: ${error}\n\ndata: [DONE]\n\n`));
      } else wire.write(encoder.encode(error));
      return wire.end();
    }
    case "status": {
      const headers: Record<string, string> = { "content-type": "application/json" };
      if (fault.retryAfter !== undefined) headers["retry-after"] = `${fault.retryAfter}`;
      wire.head(fault.status, headers);
      const error = { message: "Scripted", type: "scripted", code: null, param: null };
      wire.write(encoder.encode(JSON.stringify({ error })));
      return wire.end();
    }
  }
}

/** The beginning of a stream up to its last complete event. */
function wholeEvents(bytes: Uint8Array): Uint8Array {
  for (let end = bytes.length; end > 1; end--) {
    if (bytes[end - 1] === 10 && bytes[end - 2] === 10) return bytes.subarray(0, end);
  }
  return new Uint8Array();
}

function readScript(content: unknown): Script {
  const parsed = scriptSchema.parse(JSON.parse(String(content)));
  // SAFETY: scripts come from scripted(), which takes nothing but a Script.
  return parsed as Script;
}
