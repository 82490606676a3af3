import { createRandomStream, type RandomStream } from "./random-stream.ts";
import { weightedChoice } from "./distributions.ts";
import type { Dataset } from "./dataset.ts";

/** Columns of the ledger that are filled, in the order of the values in a line. */
export const columns = [
  "id",
  "user_id",
  "organization_id",
  "agent_id",
  "vendor_id",
  "service_id",
  "source",
  "title",
  "interaction_type_id",
  "model_name",
  "input_tokens",
  "output_tokens",
  "cached_input_tokens",
  "total_cost",
  "cost_breakdown",
  "satisfaction_rating",
  "usefulness_rating",
  "started_at",
  "ended_at",
  "duration_minutes",
  "latency_ms",
  "first_token_ms",
  "finish_reason",
  "status",
  "turn_state",
  "request_id",
  "error_code",
  "created_at",
  "updated_at",
] as const;

/** Rough length of a piece of the data, in characters. */
const pieceLength = 200_000;

/** The null of COPY. */
const none = "\\N";

/** The distribution of usage over the hours of a day, in UTC. */
const chooseHour = weightedChoice([
  3,
  2,
  2,
  2,
  2,
  3,
  5,
  8,
  12,
  14,
  14,
  13,
  12,
  14,
  15,
  15,
  14,
  12,
  10,
  8,
  7,
  6,
  5,
  4,
]);

const chooseRating = weightedChoice([4, 5, 12, 34, 45]);

const types = ["conversation", "coding", "writing", "analysis", "research"];

/**
 * The interactions of one day in the order in which they began, as lines for COPY, in pieces. They
 * depend on the seed and the day only.
 */
export function* interactionsOf(dataset: Dataset, dayIndex: number): Generator<string> {
  const random = createRandomStream(dataset.seed, dayIndex + 1);
  const midnight = Date.parse(dataset.days[dayIndex]!);
  const times = new Float64Array(dataset.perDay[dayIndex]!);
  for (let index = 0; index < times.length; index++) {
    times[index] = midnight + Math.floor((chooseHour(random) + random.unit()) * 3_600_000);
  }
  times.sort();
  let piece = "";
  for (const time of times) {
    piece += line(dataset, random, time);
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function line(dataset: Dataset, random: RandomStream, startedAt: number): string {
  const person = dataset.people[dataset.choosePerson(random)]!;
  const agent = dataset.agents[person.agents[person.choose(random)]!]!;
  const { service } = agent;
  const kind = random.unit();
  const source = kind < 0.9 ? "chat" : kind < 0.93 ? "embedding" : "manual";
  const isTurn = source !== "manual";
  const isFailed = isTurn && random.unit() < 0.03;

  const input = isFailed ? 0 : Math.min(120_000, Math.ceil(random.lognormal(1_400, 0.9)));
  const output = isFailed || source === "embedding"
    ? 0
    : Math.min(16_000, Math.ceil(random.lognormal(320, 0.8)));
  // In units of 1e-10 dollars, where every rate is a whole number.
  const inputCost = input * Math.round(service.inputRate * 10_000);
  const outputCost = output * Math.round(service.outputRate * 10_000);
  const isPriced = !isFailed && random.unit() >= 0.004;

  const latency = Math.min(600_000, Math.ceil(random.lognormal(2_400, 0.7)));
  const endedAt = startedAt + latency;
  const isRated = !isFailed && random.unit() < 0.12;
  const fate = random.unit();
  const began = new Date(startedAt).toISOString();
  const ended = new Date(endedAt).toISOString();
  return [
    uuid(random),
    person.id,
    dataset.organizations[person.organization]!.id,
    agent.id,
    service.vendor,
    service.id,
    source,
    "A turn with an agent",
    types[random.below(types.length)],
    service.model,
    input,
    output,
    input > 4_000 ? input >> 1 : 0,
    isPriced ? dollars(inputCost + outputCost) : none,
    isPriced ? `{"input": ${dollars(inputCost)}, "output": ${dollars(outputCost)}}` : none,
    isRated ? chooseRating(random) + 1 : none,
    isRated && random.unit() < 0.4 ? chooseRating(random) + 1 : none,
    began,
    ended,
    Math.floor(latency / 60_000),
    latency,
    isTurn ? Math.ceil(latency / 5) : none,
    isFailed || !isTurn ? none : "stop",
    fate < 0.01 && !isTurn ? "deleted" : fate < 0.03 ? "archived" : "completed",
    !isTurn ? none : isFailed ? "failed" : fate > 0.99 ? "partial" : "succeeded",
    isTurn ? `req_${hex(random.word())}${hex(random.word())}${hex(random.word())}` : none,
    isFailed ? "upstream_error" : none,
    began,
    ended,
  ].join("\t") + "\n";
}

/** A random UUID of version 4, as the database makes them. */
function uuid(random: RandomStream): string {
  const [first, second, third, fourth] = [
    random.word(),
    random.word(),
    random.word(),
    random.word(),
  ];
  const low = hex((third & 0x3fffffff) | 0x80000000);
  return `${hex(first)}-${hex(second).slice(0, 4)}-4${hex(second).slice(5)}-${low.slice(0, 4)}-${
    low.slice(4)
  }${hex(fourth)}`;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

/** Exact dollars of a number of units of 1e-10. */
function dollars(units: number): string {
  const digits = String(units).padStart(11, "0");
  return `${digits.slice(0, -10)}.${digits.slice(-10)}`;
}
