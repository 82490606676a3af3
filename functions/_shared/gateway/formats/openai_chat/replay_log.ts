import { z } from "zod";
import { type Chunk, NO_CHUNK } from "./chunk.ts";
import type { AnswerIdentity } from "./chunk_writer.ts";
import { mergeChunks } from "./merge_chunks.ts";

/** A recording of the client's stream, for replay. */
export interface ReplayLog {
  /** Adds a chunk that was sent. */
  take(chunk: Chunk): void;
  /**
   * The whole recording, as text: jsonb would reorder the fields, and cannot store every character.
   */
  text(identity: AnswerIdentity, usage: object | null): string;
}

const looseObject = z.record(z.string(), z.unknown());

const headSchema = z.object({
  id: z.string(),
  created: z.number(),
  model: z.string(),
  opening: z.unknown().optional(),
  usage: looseObject.nullable(),
});

/** A line: text, or the other fields of a chunk. Absent fields are as in the chunk before. */
const lineSchema = z.union([
  z.string().transform((content) => ({
    delta: { content },
    finish: null,
    choice: undefined,
    extras: undefined,
    wereThoughts: false,
  })),
  z.object({
    delta: looseObject,
    finish: z.string().nullable(),
    choice: looseObject.optional(),
    extras: looseObject.optional(),
    wereThoughts: z.boolean().default(false),
  }),
]);

/**
 * Begins a recording.
 *
 * @param limit Characters up to which chunks are recorded separately. The rest is joined into one
 * chunk, so that a recording is never much larger than the answer.
 */
export function createReplayLog(limit: number): ReplayLog {
  const lines: string[] = [];
  let size = 0;
  let lastChoice = "{}";
  let lastExtras = "{}";
  /** The chunks beyond the limit, joined into one. */
  let rest: Chunk | null = null;

  function encode(chunk: Chunk): string {
    const { role: _role, ...delta } = chunk.delta ?? {};
    const { finishReason: finish, choiceExtras, extras, wereThoughts } = chunk;
    const nextChoice = JSON.stringify(choiceExtras);
    const nextExtras = JSON.stringify(extras);
    const changed = {
      ...nextChoice === lastChoice ? {} : { choice: choiceExtras },
      ...nextExtras === lastExtras ? {} : { extras },
      ...wereThoughts && { wereThoughts },
    };
    [lastChoice, lastExtras] = [nextChoice, nextExtras];
    const isText = finish === null && typeof delta.content === "string" &&
      Object.keys({ ...delta, ...changed }).length === 1;
    return JSON.stringify(isText ? delta.content : { delta, finish, ...changed });
  }

  return {
    take(chunk) {
      if (size > limit) {
        rest = rest ? mergeChunks(rest, chunk) : chunk;
        return;
      }
      const line = encode(chunk);
      size += line.length;
      lines.push(line);
    },
    text(identity, usage) {
      const last = rest ? [encode(rest)] : [];
      return [JSON.stringify({ ...identity, usage }), ...lines, ...last].join("\n");
    },
  };
}

/** A recorded stream. */
export interface Recording {
  identity: AnswerIdentity;
  usage: object | null;
  /** The chunks that were sent, in order, including the finish reason. */
  chunks(): Generator<Chunk>;
}

/** Reads what {@linkcode ReplayLog.text} wrote. */
export function readReplayLog(text: string): Recording {
  const [head = "", ...lines] = text.split("\n");
  const { usage, ...identity } = headSchema.parse(JSON.parse(head));
  return { identity, usage, chunks: () => chunksOf(lines) };
}

function* chunksOf(lines: readonly string[]): Generator<Chunk> {
  let choiceExtras = {};
  let extras = {};
  for (const line of lines) {
    const { delta, finish: finishReason, wereThoughts, ...changed } = lineSchema.parse(
      JSON.parse(line),
    );
    choiceExtras = changed.choice ?? choiceExtras;
    extras = changed.extras ?? extras;
    yield { ...NO_CHUNK, delta, wereThoughts, finishReason, choiceExtras, extras };
  }
}
