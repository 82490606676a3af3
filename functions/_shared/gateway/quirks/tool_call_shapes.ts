/*
 * Tool calls without fields that OpenAI's always have: no type (vllm#16340, 9 April 2025), no id or
 * an empty one (vllm#18412, 22 May 2025; aionrs#99, 16 May 2026), the same id twice (Kimi numbers
 * them by function), arguments as an object (Ollama's own API) or empty where there are none
 * (vercel/ai#7326, 16 July 2025), name and arguments without `function` around them. Servers that
 * fill in every field send an empty call for none, and gateways written in Lua send {} for an empty
 * list. An empty object before the arguments is the initial input of Anthropic's format, as
 * translated by Bedrock and proxies (litellm#4537, 4 July 2024; openai-agents-js#712, 1 December
 * 2025).
 */

/** A tool call, or a piece of one, in OpenAI's fields. */
export interface VendorCall {
  [field: string]: unknown;
  index?: number;
  /** Never empty. */
  id?: string;
  function?: { [field: string]: unknown; name?: string; arguments?: string };
}

/** A tool call that is complete. */
export interface ToolCall extends VendorCall {
  id: string;
  type: string;
}

/** Reads a list of calls, or of pieces of calls; elements that are not objects are skipped. */
export function readCalls(value: unknown): VendorCall[] {
  const list: unknown[] = Array.isArray(value) ? value : isObject(value) ? [value] : [];
  return list.filter(isObject).map(readCall).filter(saysAnything);
}

/**
 * Completes the calls of an answer that came in one piece.
 *
 * @param firstId The id of the first; absent to keep the vendor's.
 */
export function completeCalls(calls: readonly VendorCall[], firstId?: string): ToolCall[] {
  const ids = new Set<string>();
  return calls.map(({ index: _index, ...call }, place) => {
    const isFunction = !isObject(call.custom);
    return {
      ...call,
      id: uniqueId(place === 0 ? firstId ?? call.id : call.id, ids),
      type: typeOf(call),
      ...isFunction && {
        function: {
          ...call.function,
          name: call.function?.name ?? "",
          arguments: withoutEmptyObject(call.function?.arguments ?? "").trim() || "{}",
        },
      },
    };
  });
}

/** Removes an empty object before the arguments. */
export function withoutEmptyObject(given: string): string {
  return given.replace(/^\s*\{\s*\}(?=\s*\{)/, "");
}

/** The text that the model wrote for a call: name and arguments, or the input of a custom tool. */
export function textOfCall({ function: called, custom }: VendorCall): string {
  const { name = "", input = "" }: Record<string, unknown> = isObject(custom) ? { ...custom } : {};
  return called ? (called.name ?? "") + (called.arguments ?? "") : `${name}${input}`;
}

/** The type of a call, which some vendors leave out. */
export function typeOf({ type, custom }: VendorCall): string {
  if (typeof type === "string" && type !== "") return type;
  return isObject(custom) ? "custom" : "function";
}

/**
 * The vendor's id of a call, or a new one if it has none or used it before. New ids have nine
 * letters and digits, which all vendors accept when the call is sent back; Mistral accepts no
 * others.
 *
 * @param taken The ids of the answer so far, to which it is added.
 */
export function uniqueId(id: string | undefined, taken: Set<string>): string {
  let unique = id ?? newId();
  while (taken.has(unique)) unique = newId();
  taken.add(unique);
  return unique;
}

function newId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 9);
}

/** Whether a call, or a piece of one, has content beyond its index. */
function saysAnything(
  { index: _index, type: _type, function: called, ...rest }: VendorCall,
): boolean {
  return Object.keys(rest).length > 0 || Boolean(called?.name || called?.arguments);
}

function readCall(call: object): VendorCall {
  const { index, id, function: called, name, arguments: given, ...rest } = fields(call);
  const isFlat = !isObject(called) && (typeof name === "string" || given !== undefined) &&
    !isObject(rest.custom);
  const inner = isObject(called) ? fields(called) : isFlat ? { name, arguments: given } : null;
  const number = typeof index === "string" && /^\d{1,4}$/.test(index) ? Number(index) : index;
  const known = typeof id === "number" ? String(id) : id;
  return {
    ...rest,
    ...typeof number === "number" && Number.isInteger(number) && number >= 0 && { index: number },
    ...typeof known === "string" && known !== "" && { id: known },
    ...inner && { function: readFunction(inner) },
  };
}

function readFunction({ name, arguments: given, ...rest }: Record<string, unknown>) {
  // An empty object counts as no content, like an empty text: the arguments may follow.
  const isSaid = isObject(given) && Object.keys(given).length > 0;
  const text = isSaid ? JSON.stringify(given) : given;
  return {
    ...rest,
    ...typeof name === "string" && name !== "" && { name },
    ...typeof text === "string" && { arguments: text },
  };
}

function fields(value: object): Record<string, unknown> {
  return { ...value };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
