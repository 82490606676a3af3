import { z } from "zod";
import {
  type FaultRequest,
  type FaultServer,
  pause,
  startFaultServer,
  type Wire,
} from "./fault_server.ts";

/** What a vendor does with a call that it charges for. */
export const TREATMENTS = [
  "answers",
  "answers slowly",
  "disconnects",
  "falls silent",
  "breaks off",
  "answers noise",
  "fails",
] as const;

/** Dollars per million tokens, by the vendor's own names of its services. */
export const RATES = {
  cheap: { input: "3.33333333", output: "13.13131313" },
  dear: { input: "33.33333333", output: "131.31313131" },
} as const;

/** The tokens that the vendor charges for any image. */
export const IMAGE_TOKENS = 2_000;

/** Tokens of an answer to a request without a limit. */
const LONGEST_ANSWER = 16_000;

/** The cost of each purchase other than tokens, in units of 10⁻¹⁰ dollars. */
const SEARCH = 300_000_000n;

/** The amount billed for a request, over all of its calls, in units of 10⁻¹⁰ dollars. */
export interface Bill {
  cost: bigint;
  calls: number;
  /** The credential of the last call. */
  credential: string;
}

/** A vendor that charges for every request, whether or not its answer arrives. */
export interface ChargingVendor extends FaultServer {
  /**
   * The bill of the request whose prompt begins with an id; null if the vendor never received it.
   */
  billOf(id: string): Bill | null;
}

const limit = z.number().nullish();
const chatSchema = z.looseObject({
  model: z.string(),
  models: z.array(z.string()).nullish(),
  stream: z.boolean().nullish(),
  messages: z.array(z.looseObject({
    content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]),
  })),
  max_tokens: limit,
  max_completion_tokens: limit,
  max_output_tokens: limit,
  thinking: z.looseObject({ budget_tokens: limit }).nullish(),
  reasoning: z.looseObject({ max_tokens: limit }).nullish(),
  best_of: limit,
  service_tier: z.string().nullish(),
  plugins: z.array(z.unknown()).nullish(),
  web_search_options: z.unknown(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
});

const embeddingSchema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.union([z.string(), z.number()]))]),
  user: z.string().nullish(),
});

/** What a call orders. */
interface Order {
  id: string;
  treatment: string;
  isStream: boolean;
  prompt: number;
  /** Tokens of the complete answer. */
  answer: number;
  cost: (answer: number) => bigint;
  /** The body of the answer, in one piece or as events. */
  text: string;
}

const encoder = new TextEncoder();

/** Starts the vendor. */
export async function startChargingVendor(): Promise<ChargingVendor> {
  const bills = new Map<string, Bill>();
  const server = await startFaultServer(async (request, wire) => {
    if (request.method === "GET") return answerWhole(wire, 200, '{"data":[]}');
    const order = request.path.endsWith("/embeddings") ? readEmbedding(request) : readChat(request);
    const credential = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    const bill = (answer: number) => {
      const known = bills.get(order.id) ?? { cost: 0n, calls: 0 };
      bills.set(order.id, {
        cost: known.cost + order.cost(answer),
        calls: known.calls + 1,
        credential,
      });
    };
    await serve(order, wire, bill);
  });
  return {
    url: server.url,
    billOf: (id) => bills.get(id) ?? null,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Tokens, times their rates, in units of 10⁻¹⁰ dollars. */
export function costOf(model: keyof typeof RATES, prompt: number, answer: number): bigint {
  const units = (rate: string) => BigInt(rate.replace(".", ""));
  const { input, output } = RATES[model];
  return (units(input) * BigInt(prompt) + units(output) * BigInt(answer) + 5_000n) / 10_000n;
}

async function serve(order: Order, wire: Wire, bill: (answer: number) => void): Promise<void> {
  const { treatment, isStream, text, answer } = order;
  const half = text.slice(0, text.indexOf("\n\n") + 2);
  const type = isStream ? "text/event-stream" : "application/json";
  switch (treatment) {
    case "fails":
      return answerWhole(wire, 500, '{"error":{"message":"The model fell over"}}');
    case "hangs":
      bill(answer);
      return wire.reset();
    case "falls":
      return bill(answer);
    case "noise":
      bill(answer);
      wire.head(200, { "content-type": type });
      wire.write(new Uint8Array([0, 255, 10, 10]));
      return wire.end();
    case "breaks":
      // A stream is charged up to where it stopped; a complete answer in full.
      bill(isStream ? 1 : answer);
      wire.head(200, { "content-type": type });
      wire.write(encoder.encode(isStream ? half : text.slice(0, 10)));
      return wire.cut();
    case "slowly":
      wire.head(200, { "content-type": type });
      if (!isStream) await pause(150, wire.gone);
      else {
        wire.write(encoder.encode(half));
        await pause(150, wire.gone);
        // A client that leaves a stream pays for the text so far.
        if (wire.gone.aborted) return bill(1);
      }
      bill(answer);
      wire.write(encoder.encode(isStream ? text.slice(half.length) : text));
      return wire.end();
    default:
      bill(answer);
      return answerWhole(wire, 200, text, type);
  }
}

function answerWhole(wire: Wire, status: number, text: string, type = "application/json"): void {
  wire.head(status, { "content-type": type });
  wire.write(encoder.encode(text));
  wire.end();
}

function readChat({ body }: FaultRequest): Order {
  const asked = chatSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  const { id, treatment } = readPrompt(asked.messages.at(-1)?.content ?? "");
  const images = asked.messages.flatMap(({ content }) => typeof content === "string" ? [] : content)
    .filter(({ type }) => type === "image_url").length;
  const text = JSON.stringify(asked.messages, (key, value) => key === "image_url" ? "" : value);
  const prompt = Math.ceil(text.length / 4) + images * IMAGE_TOKENS;
  const limits = [
    asked.max_tokens,
    asked.max_completion_tokens,
    asked.max_output_tokens,
    asked.thinking?.budget_tokens,
    asked.reasoning?.max_tokens,
  ].filter((one) => one != null);
  const answer = (limits.length === 0 ? LONGEST_ANSWER : Math.max(...limits)) *
    (asked.best_of ?? 1);
  const model = asked.models?.at(-1) ?? asked.model;
  const searches = (asked.plugins?.length ?? 0) + (asked.web_search_options == null ? 0 : 1) +
    (asked.tools ?? []).filter(({ type }) => type !== "function").length;
  const tier = asked.service_tier === "priority" ? 2n : 1n;
  const isStream = asked.stream === true;
  const usage = { prompt_tokens: prompt, completion_tokens: answer };
  return {
    ...{ id, treatment, isStream, prompt, answer, text: sayHi(isStream, usage) },
    cost: (tokens) => costOf(nameOf(model), prompt, tokens) * tier + SEARCH * BigInt(searches),
  };
}

function readEmbedding({ body }: FaultRequest): Order {
  const { model, input, user } = embeddingSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  const { id, treatment } = readPrompt(user ?? "");
  const inputs = typeof input === "string" ? [input] : input;
  const prompt = inputs.map((one) => typeof one === "number" ? 1 : Math.ceil(one.length / 4))
    .reduce((sum, tokens) => sum + tokens, 0);
  const count = inputs.every((one) => typeof one === "number") ? 1 : inputs.length;
  const data = Array.from({ length: count }, (_, index) => ({
    ...{ object: "embedding", index, embedding: [0.25, -0.5] },
  }));
  const usage = { prompt_tokens: prompt, total_tokens: prompt };
  return {
    ...{ id, treatment, isStream: false, prompt, answer: 0 },
    text: JSON.stringify({ object: "list", model, data, usage }),
    cost: () => costOf(nameOf(model), prompt, 0),
  };
}

/** The id of a request and its treatment, which are the first words of the prompt. */
function readPrompt(content: string | readonly object[]): { id: string; treatment: string } {
  const parts = typeof content === "string" ? [{ text: content }] : content;
  const text = parts.map((part) => "text" in part ? String(part.text) : "").join(" ");
  const [id = "", treatment = ""] = text.trim().split(" ");
  return { id, treatment };
}

function sayHi(isStream: boolean, usage: object): string {
  const choice = (part: object, finish_reason: string | null) => ({
    choices: [{ index: 0, ...part, finish_reason }],
  });
  if (!isStream) {
    return JSON.stringify({ ...choice({ message: { content: "hi" } }, "stop"), usage });
  }
  const events = [choice({ delta: { content: "hi" } }, null), {
    ...choice({ delta: {} }, "stop"),
    usage,
  }];
  return [...events.map((event) => JSON.stringify(event)), "[DONE]"]
    .map((data) => `data: ${data}\n\n`).join("");
}

function nameOf(model: string): keyof typeof RATES {
  return model.endsWith("dear") ? "dear" : "cheap";
}
