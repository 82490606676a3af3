/*
 * The position of usage in an answer. Moonshot puts it into the choice of its last chunk (pi#2017,
 * 10 March 2026; go-moonshot#17, 6 June 2024), Groq into x_groq (its streaming guide, 21 November
 * 2026), Anthropic into the message that a stream begins with, Gemini into usageMetadata, MiniMax
 * and SiliconFlow into several chunks, the first among them. Counts that a later chunk omits are
 * kept from earlier ones.
 */

/** Paths to usage, in the order in which they are read. */
const PLACES = [
  ["usage"],
  ["choices", "0", "usage"],
  ["choices", "0", "delta", "usage"],
  ["choices", "0", "message", "usage"],
  ["x_groq", "usage"],
  ["message", "usage"],
  ["delta", "usage"],
  ["response", "usage"],
  ["usageMetadata"],
  ["usage_metadata"],
  ["meta", "usage"],
  ["meta"],
];

/** Every usage object in an answer, or in one event of a stream. */
export function usagesIn(json: unknown): object[] {
  const usages: object[] = [];
  // Without a schema, because this runs for every event of a stream.
  for (const path of PLACES) {
    let usage = json;
    for (const name of path) usage = field(usage, name);
    if (typeof usage === "object" && usage !== null) usages.push(usage);
  }
  return usages;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
