import type { TurnUsage } from "./settle/outcome.ts";

/*
 * How tokens are estimated, here and in the functions `private.text_tokens` and
 * `private.message_tokens`, which count alike (a test compares them on one table of cases). A token
 * is (3 bytes - characters) / 8: a quarter for an ASCII character, 0.625 for a Cyrillic one, 1 for
 * a Chinese one, 1.375 for an emoji. Values are measured as JSON in the form that Postgres writes;
 * an image, a document or a recording counts for 1,024 tokens, whatever its size. Reservations use
 * an upper bound instead, one token per byte.
 */

const TOKENS_PER_ATTACHMENT = 1024;

/** The size of a value for a model. */
export interface PromptSize {
  /** Of JSON in UTF-8, without the addresses and contents of attachments. */
  bytes: number;
  characters: number;
  /** Images, documents and recordings. */
  attachments: number;
}

/** Measures a value that is sent to a model as JSON, such as tools, without serializing it. */
export function sizeOf(value: unknown): PromptSize {
  const size = { bytes: 0, characters: 0, attachments: 0 };
  addValue(size, value);
  return size;
}

/** Measures a message or many, whose content may have attachments. */
export function sizeOfMessages(messages: object): PromptSize {
  const size = { bytes: 0, characters: 0, attachments: 0 };
  if (Array.isArray(messages)) addList(size, messages, addMessage);
  else addMessage(size, messages);
  return size;
}

/** Estimates the tokens of a value by its size. */
export function tokensOf({ bytes, characters, attachments }: PromptSize): number {
  return Math.ceil((3 * bytes - characters) / 8) + attachments * TOKENS_PER_ATTACHMENT;
}

/** Estimates the tokens of a text. */
export function textTokens(text: string): number {
  const size = { bytes: 0, characters: 0, attachments: 0 };
  addText(size, text);
  return tokensOf(size);
}

/**
 * Estimates usage that was not measured, and marks it as an estimate.
 *
 * @param input Tokens of the prompt.
 * @param answer The text of the answer.
 * @param reasoning The text of the reasoning.
 */
export function estimateUsage(input: number, answer: string, reasoning = ""): TurnUsage {
  const reasoning_tokens = textTokens(reasoning);
  return {
    input_tokens: input,
    output_tokens: textTokens(answer) + reasoning_tokens,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens,
    estimated: true,
  };
}

/**
 * The usage of a call. If a vendor reports zero tokens for a prompt or answer that is not empty,
 * the estimate is used for them.
 *
 * @param measured The usage that the vendor reports; null for none.
 * @param estimate Called only if needed, as it reads all of the prompt.
 */
export function countUsage(measured: TurnUsage | null, estimate: () => TurnUsage): TurnUsage {
  if (measured !== null && measured.input_tokens > 0 && measured.output_tokens > 0) return measured;
  const estimated = estimate();
  if (measured === null) return estimated;
  const counted = { ...measured };
  if (measured.input_tokens === 0 && estimated.input_tokens > 0) {
    counted.input_tokens = estimated.input_tokens;
    counted.estimated = true;
  }
  if (measured.output_tokens === 0 && estimated.output_tokens > 0) {
    counted.output_tokens = estimated.output_tokens;
    counted.reasoning_tokens = estimated.reasoning_tokens;
    counted.estimated = true;
  }
  return counted;
}

/**
 * The usage of an answer that continued after its usage was reported: the measured prompt, and the
 * larger of the measured and the estimated output.
 */
export function largerUsage(measured: TurnUsage, estimate: TurnUsage): TurnUsage {
  const input_tokens = measured.input_tokens || estimate.input_tokens;
  const output_tokens = Math.max(measured.output_tokens, estimate.output_tokens);
  return {
    ...measured,
    input_tokens,
    output_tokens,
    reasoning_tokens: Math.max(measured.reasoning_tokens, estimate.reasoning_tokens),
    estimated: input_tokens > measured.input_tokens || output_tokens > measured.output_tokens,
  };
}

function addValue(size: PromptSize, value: unknown): void {
  if (typeof value === "string") addJsonText(size, value);
  else if (Array.isArray(value)) addList(size, value, addValue);
  else if (typeof value === "object" && value !== null) addObject(size, value);
  else addAscii(size, String(value).length);
}

function addObject(
  size: PromptSize,
  value: object,
  addField: (size: PromptSize, child: unknown, name: string) => void = addValue,
): void {
  const fields = Object.entries(value).filter(([, child]) => child !== undefined);
  addList(size, fields, (size, [name, child]) => {
    addJsonText(size, name);
    addAscii(size, 2);
    addField(size, child, name);
  });
}

/** A message, in which only the parts of its content may be attachments. */
function addMessage(size: PromptSize, message: object): void {
  addObject(size, message, (size, child, name) => {
    if (name === "content" && Array.isArray(child)) addList(size, child, addPart);
    else addValue(size, child);
  });
}

/** The field with the bytes of an attachment, by the type of the part. */
const CONTENTS: ReadonlyMap<unknown, [field: string, content: string]> = new Map([
  ["image_url", ["image_url", "url"]],
  ["file", ["file", "file_data"]],
  ["input_audio", ["input_audio", "data"]],
]);

function addPart(size: PromptSize, part: unknown): void {
  const type = typeof part === "object" && part !== null ? Reflect.get(part, "type") : undefined;
  const [field, content] = CONTENTS.get(type) ?? [];
  if (typeof part !== "object" || part === null || !content) return addValue(size, part);
  addObject(size, part, (size, child, name) => {
    if (name === field) addAttachment(size, child, content);
    else addValue(size, child);
  });
}

/** An image's URL, or an object with the bytes of an attachment, which are not counted. */
function addAttachment(size: PromptSize, attachment: unknown, content: string): void {
  if (typeof attachment === "string" && content === "url") {
    size.attachments++;
    addAscii(size, 2);
  } else if (typeof attachment === "object" && attachment !== null && content in attachment) {
    size.attachments++;
    addValue(size, { ...attachment, [content]: "" });
  } else addValue(size, attachment);
}

/** Postgres writes a space after each comma and each colon. */
function addList<Child>(
  size: PromptSize,
  children: readonly Child[],
  add: (size: PromptSize, child: Child) => void,
): void {
  addAscii(size, 2 + 2 * Math.max(0, children.length - 1));
  for (const child of children) add(size, child);
}

function addJsonText(size: PromptSize, text: string): void {
  addAscii(size, 2);
  addText(size, text);
  const escaped = text.match(/["\\\b\f\n\r\t]/g)?.length ?? 0;
  // deno-lint-ignore no-control-regex -- what JSON writes as \u00XX
  const coded = text.match(/[\x00-\x07\x0b\x0e-\x1f]/g)?.length ?? 0;
  addAscii(size, escaped + 5 * coded);
}

function addText(size: PromptSize, text: string): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isLow = code >= 0xdc00 && code < 0xe000;
    const isSurrogate = code >= 0xd800 && code < 0xe000;
    size.bytes += code < 0x80 ? 1 : code < 0x800 || isSurrogate ? 2 : 3;
    if (!isLow) size.characters++;
  }
}

function addAscii(size: PromptSize, characters: number): void {
  size.bytes += characters;
  size.characters += characters;
}
