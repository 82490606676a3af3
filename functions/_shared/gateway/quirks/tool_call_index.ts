import { z } from "zod";

/*
 * Gemini's OpenAI-compatible API leaves the index of a tool call out, or gives all calls of an answer
 * the same one. Recorded from its streams, 22 November 2026.
 */

/** The shape of a piece of one tool call as a vendor streams it. */
export const toolCallDelta = z.looseObject({
  index: z.int().nonnegative().optional(),
  id: z.string().nullish(),
  function: z.looseObject({
    name: z.string().nullish(),
    arguments: z.string().nullish(),
  }).nullish(),
});

/** A piece of one tool call as its vendor sends it. */
export type VendorCallDelta = z.infer<typeof toolCallDelta>;

/** A piece of one tool call. */
export type ToolCallDelta = VendorCallDelta & { index: number };

/** Numbers the tool calls of one stream, so that clients can tell them apart. */
export interface ToolCallIndex {
  /** Whether there was a call. */
  readonly any: boolean;
  /** Gives the pieces of one chunk the index of their call. */
  number(pieces: readonly VendorCallDelta[]): ToolCallDelta[];
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
  let last: number | undefined;
  let count = 0;

  function numberOf({ id, index, function: called }: VendorCallDelta): number {
    const sameId = id ? byId.get(id) : undefined;
    const sameIndex = index === undefined ? undefined : byIndex.get(index);
    const begins = index !== undefined && sameIndex === undefined
      ? Boolean(id || called?.name)
      : sameId === undefined && Boolean(called?.name) && Boolean(id || index === undefined);
    return begins ? count++ : sameId ?? sameIndex ?? last ?? count++;
  }

  return {
    get any() {
      return count > 0;
    },
    number: (pieces) =>
      pieces.map((piece) => {
        last = numberOf(piece);
        if (piece.id) byId.set(piece.id, last);
        if (piece.index !== undefined) byIndex.set(piece.index, last);
        return { ...piece, index: last };
      }),
  };
}
