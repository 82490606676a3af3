import { parseJson } from "../../core/json.ts";
import { typeOf, uniqueId, type VendorCall, withoutEmptyObject } from "./tool_call_shapes.ts";

/*
 * Gemini's OpenAI-compatible API omits the index of tool calls, or gives all calls of an answer the
 * same one. Recorded from its streams, 22 November 2026. DashScope repeats id and name, empty, in
 * every piece (opencode#37841, 20 July 2026). Servers that send whole calls use no ids, and one
 * index for all of them; some send the id of a call first and its name later, which the AI SDK
 * refuses ("Expected 'function.name' to be a string", @ai-sdk/openai-compatible 3.0.92).
 */

/** A piece of one tool call. The first one of a call has its id, its type and its name. */
export interface ToolCallDelta extends VendorCall {
  index: number;
}

/** Numbers and completes the tool calls of one stream, so that clients can tell them apart. */
export interface ToolCallIndex {
  /** Whether there has been a call. */
  readonly any: boolean;
  /**
   * Sets the index of the pieces of one chunk, and completes the first piece of each call.
   *
   * @param isLast Whether no further pieces follow.
   */
  number(pieces: readonly VendorCall[], isLast: boolean): ToolCallDelta[];
  /** Pieces with an empty object, for calls without arguments, which clients parse anyway. */
  end(): ToolCallDelta[];
  /** Whether the arguments of all calls are complete. */
  readonly isWhole: boolean;
}

/** The state of a call. */
interface CallState {
  isFunction: boolean;
  /** Fields that arrived before the name and are held back until then; null once they were sent. */
  held: Record<string, unknown> | null;
  arguments: string;
  /**
   * Whether its arguments began with an empty object: these are all of them, or the real ones
   * follow.
   */
  isEmpty: boolean;
}

/**
 * Starts without calls.
 *
 * The index alone does not identify a call: Gemini omits it, or gives all calls of an answer the
 * same one. So a piece with a name also begins a new call if its id is new, if it has no index, or
 * if it has no id but arguments and the call of its index is complete. A piece without a name
 * continues the call of its index, or else the last one.
 *
 * @param firstId The id of the first call; absent to keep the vendor's.
 */
export function createToolCallIndex(firstId?: string): ToolCallIndex {
  const byId = new Map<string, number>();
  /** The latest call under each of the vendor's indexes. */
  const byIndex = new Map<number, number>();
  /** Ids that the vendor gave to more than one call. */
  const shared = new Set<string>();
  const ids = new Set<string>();
  const calls: CallState[] = [];
  let last: number | undefined;
  let count = 0;

  const isComplete = (number: number | undefined) => {
    const call = number === undefined ? undefined : calls[number];
    return call !== undefined && (call.isEmpty || isJson(call.arguments));
  };

  function numberOf({ id, index, function: called }: VendorCall): number {
    const sameId = id && !shared.has(id) ? byId.get(id) : undefined;
    const sameIndex = index === undefined ? undefined : byIndex.get(index);
    const says = Boolean(called?.arguments);
    const isAnother = index === undefined
      ? sameId === undefined || (says && isComplete(sameId))
      : id === undefined
      ? says && isComplete(sameIndex)
      : sameId === undefined;
    const begins = index !== undefined && sameIndex === undefined
      ? Boolean(id || called?.name)
      : isAnother && Boolean(called?.name);
    if (begins && id && byId.has(id)) shared.add(id);
    return begins ? count++ : sameId ?? sameIndex ?? last ?? count++;
  }

  /** The piece of a call as it is sent; null while the call has no name. */
  function complete(piece: VendorCall, index: number, isLast: boolean): ToolCallDelta | null {
    const { id, type: _type, function: called, ...rest } = piece;
    const isFunction = typeOf(piece) === "function";
    const call = calls[index] ??= { isFunction, held: {}, arguments: "", isEmpty: false };
    const { name, ...said } = called ?? {};
    if (said.arguments !== undefined) said.arguments = added(call, said.arguments, { id, isLast });
    call.arguments += said.arguments ?? "";
    if (call.held === null) return { ...rest, index, ...called && { function: said } };
    call.held = { ...call.held, ...rest, ...id && { id } };
    if (call.isFunction && !name) return null;
    const begun = { ...begin(call, index), type: typeOf(piece) };
    return called ? { ...begun, function: { ...said, name, arguments: call.arguments } } : begun;
  }

  /** The first piece of a call. */
  function begin(call: CallState, index: number): ToolCallDelta {
    const { id, ...held } = call.held ?? {};
    const given = index === 0 && firstId ? firstId : id;
    call.held = null;
    return { ...held, index, id: uniqueId(typeof given === "string" ? given : undefined, ids) };
  }

  const functions = () =>
    calls.map((call, index) => ({ call, index })).filter(({ call }) => call.isFunction);

  return {
    get any() {
      return count > 0;
    },
    number: (pieces, isLast) =>
      pieces.map((piece) => {
        last = numberOf(piece);
        if (piece.id) byId.set(piece.id, last);
        if (piece.index !== undefined) byIndex.set(piece.index, last);
        return complete(piece, last, isLast);
      }).filter((piece) => piece !== null),
    end: () =>
      functions().flatMap(({ call, index }) => {
        const isEmpty = call.arguments.trim() === "";
        if (call.held === null && !isEmpty) return [];
        if (isEmpty) call.arguments = "{}";
        const given = { arguments: call.arguments };
        return call.held === null
          ? [{ index, function: given }]
          : [{ ...begin(call, index), type: "function", function: { name: "", ...given } }];
      }),
    get isWhole() {
      return functions().every(({ call }) =>
        call.held === null && (call.arguments.trim() === "" || isJson(call.arguments))
      );
    },
  };
}

/**
 * The arguments that a piece adds to its call. An empty object is held back until the next piece.
 */
function added(
  call: CallState,
  given: string,
  { id, isLast }: { id: string | undefined; isLast: boolean },
): string {
  if (call.arguments !== "") {
    // Some vendors repeat the whole call at its end.
    return id && given === call.arguments && isJson(given) ? "" : given;
  }
  const text = withoutEmptyObject(given);
  call.isEmpty = text.trim() === "" ? call.isEmpty : /^\s*\{\s*\}\s*$/.test(text);
  return call.isEmpty && !isLast ? "" : text;
}

function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
