import { typeOf, uniqueId, type VendorCall } from "./tool_call_shapes.ts";

/*
 * Gemini's OpenAI-compatible API leaves the index of a tool call out, or gives all calls of an answer
 * the same one. Recorded from its streams, 22 November 2026. DashScope repeats id and name, empty, in
 * every piece (opencode#37841, 20 July 2026).
 */

/** A piece of one tool call. The first one of a call has its id, its type and its name. */
export interface ToolCallDelta extends VendorCall {
  index: number;
}

/** Numbers and completes the tool calls of one stream, so that clients can tell them apart. */
export interface ToolCallIndex {
  /** Whether there was a call. */
  readonly any: boolean;
  /** Gives the pieces of one chunk the index of their call, and the first of each what it lacks. */
  number(pieces: readonly VendorCall[]): ToolCallDelta[];
  /** The arguments of calls that have none, which clients parse all the same. */
  end(): ToolCallDelta[];
  /** Whether the arguments of all calls are complete. */
  readonly isWhole: boolean;
}

/** What was sent of a call. */
interface Sent {
  isFunction: boolean;
  isNamed: boolean;
  arguments: string;
}

/**
 * Begins to number.
 *
 * Gemini leaves the index out, or gives all calls of an answer the same one. So a function that is
 * named under a new id, or without an index, begins a call as well; what names nothing goes on with
 * the call of its index, or else with the last one.
 */
export function createToolCallIndex(): ToolCallIndex {
  const byId = new Map<string, number>();
  /** The latest call under each of the vendor's indexes. */
  const byIndex = new Map<number, number>();
  /** Ids that the vendor gave to more than one call. */
  const shared = new Set<string>();
  const ids = new Set<string>();
  const calls: Sent[] = [];
  let last: number | undefined;
  let count = 0;

  function numberOf({ id, index, function: called }: VendorCall): number {
    const sameId = id && !shared.has(id) ? byId.get(id) : undefined;
    const sameIndex = index === undefined ? undefined : byIndex.get(index);
    const isComplete = sameId !== undefined && index === undefined && Boolean(called?.arguments) &&
      isJson(calls[sameId]?.arguments ?? "");
    const begins = index !== undefined && sameIndex === undefined
      ? Boolean(id || called?.name)
      : (sameId === undefined || isComplete) && Boolean(called?.name) &&
        Boolean(id || index === undefined);
    if (begins && id && byId.has(id)) shared.add(id);
    return begins ? count++ : sameId ?? sameIndex ?? last ?? count++;
  }

  function complete(piece: VendorCall, index: number): ToolCallDelta {
    const { id, type: _type, function: called, ...rest } = piece;
    const isFirst = calls[index] === undefined;
    const sent = calls[index] ??= {
      isFunction: typeOf(piece) === "function",
      isNamed: false,
      arguments: "",
    };
    const { name, ...said } = called ?? {};
    const isNamed = name !== undefined && !sent.isNamed;
    sent.isNamed ||= isNamed;
    sent.arguments += said.arguments ?? "";
    return {
      ...rest,
      index,
      ...isFirst && { id: uniqueId(id, ids), type: typeOf(piece) },
      ...called && {
        function: { ...isNamed && { name }, ...isFirst && { arguments: "" }, ...said },
      },
    };
  }

  const functions = () =>
    calls.map((call, index) => ({ ...call, index })).filter(({ isFunction }) => isFunction);

  return {
    get any() {
      return count > 0;
    },
    number: (pieces) =>
      pieces.map((piece) => {
        last = numberOf(piece);
        if (piece.id) byId.set(piece.id, last);
        if (piece.index !== undefined) byIndex.set(piece.index, last);
        return complete(piece, last);
      }),
    end: () =>
      functions().filter((call) => call.arguments.trim() === "").map(({ index }) => {
        calls[index]!.arguments = "{}";
        return { index, function: { arguments: "{}" } };
      }),
    get isWhole() {
      return functions().every((call) => call.arguments.trim() === "" || isJson(call.arguments));
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
