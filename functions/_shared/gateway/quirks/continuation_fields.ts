/*
 * Fields of an answer that a vendor needs back; without them it refuses the next call or loses its
 * reasoning: reasoning_content (DeepSeek's thinking mode answers 400 without it in a loop of tool
 * calls; Moonshot, xAI), reasoning and reasoning_details (OpenRouter, Groq, MiniMax), and
 * extra_content with a thought_signature (Gemini 3, in a message or in its calls). From the
 * vendors' references of 21 November
 * 2026. Mistral sends its reasoning in the content and refuses unknown fields; Groq and Cerebras
 * take `reasoning` alone and answer 400 for others (freellmapi#1070, 30 August 2026;
 * qwen-code#11045, 4 September 2026), though their thoughts may come between tags or in other
 * fields.
 */

const TEXTS = ["reasoning", "reasoning_content"];

/** Fields of a message that vendors refuse. */
const REFUSED: ReadonlyMap<string, readonly string[]> = new Map([
  ["mistral", [...TEXTS, "reasoning_details", "extra_content"]],
  ["groq", ["reasoning_content", "reasoning_details"]],
  ["cerebras", ["reasoning_content", "reasoning_details"]],
]);

type Fields = Record<string, unknown>;

/** Collects the fields to send back with an answer, piece by piece. */
export interface Continuation {
  /** Adds a message or a piece of one. */
  take(fields: object): void;
  /** Removes reasoning that was found between tags, if it turned out to be text. */
  dropThoughts(): void;
  /** The collected fields; null for none. */
  value(): Fields | null;
}

/** Begins to collect. */
export function createContinuation(): Continuation {
  const value: Fields = {};
  const details: Fields[] = [];
  return {
    take(fields) {
      for (const field of TEXTS) {
        const text: unknown = Reflect.get(fields, field);
        if (typeof text === "string" && text) value[field] = `${value[field] ?? ""}${text}`;
      }
      const extra: unknown = Reflect.get(fields, "extra_content");
      if (isObject(extra)) value.extra_content = { ...asObject(value.extra_content), ...extra };
      const pieces: unknown = Reflect.get(fields, "reasoning_details");
      if (Array.isArray(pieces)) { for (const piece of pieces) addDetail(details, piece); }
      if (details.length > 0) value.reasoning_details = details;
    },
    dropThoughts() {
      delete value.reasoning_content;
    },
    value: () => Object.keys(value).length > 0 ? value : null,
  };
}

/** The fields to send back with an unstreamed message; null for none. */
export function continuationOf(message: object): Fields | null {
  const continuation = createContinuation();
  continuation.take(message);
  return continuation.value();
}

/** A message without the fields that a vendor refuses. */
export function withoutRefused<Message extends Fields>(
  message: Message,
  vendorId: string,
): Message {
  const refused = REFUSED.get(vendorId) ?? [];
  if (!refused.some((field) => field in message)) return message;
  const accepted = { ...message };
  for (const field of refused) Reflect.deleteProperty(accepted, field);
  return accepted;
}

/** Adds a piece to the detail with its index: texts are concatenated, other fields replaced. */
function addDetail(details: Fields[], piece: unknown): void {
  if (!isObject(piece)) return;
  const last = details.at(-1);
  const known = details.find(({ index, type }) =>
    index !== undefined && index === piece.index && type === piece.type
  );
  const detail = known ?? (piece.index === undefined && last?.type === piece.type ? last : null);
  if (!detail || (isSigned(detail) && !known)) {
    details.push({ ...piece });
    return;
  }
  for (const [name, child] of Object.entries(piece)) {
    if (child === null || child === undefined) continue;
    const isText = ["text", "summary", "data"].includes(name) && typeof child === "string";
    detail[name] = isText ? joined(detail[name], child, piece) : child;
  }
}

/** Concatenates texts; each piece of MiniMax's repeats the earlier ones. */
function joined(before: unknown, text: string, { format }: Fields): string {
  const start = typeof before === "string" ? before : "";
  const repeats = String(format).startsWith("MiniMax") && text.startsWith(start);
  return repeats ? text : start + text;
}

/** A detail with a signature is complete; so is an encrypted one. */
function isSigned({ signature, data }: Fields): boolean {
  return typeof signature === "string" || typeof data === "string";
}

function asObject(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
