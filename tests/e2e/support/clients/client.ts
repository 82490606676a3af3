import { z } from "zod";

/** What a client is given to call a model with. */
export interface Access {
  /** The base address for clients of OpenAI's API. */
  baseURL: string;
  apiKey: string;
  model: string;
}

/** An answer as its client shows it. */
export interface Said {
  text: string;
  /** Tokens of prompt and answer, as the client counts them. */
  tokens: (number | null | undefined)[];
}

/** A client of a model's API, unchanged, as programs use it. */
export interface Client {
  /** Says "hello", and waits for the answer. */
  whole(): Promise<Said>;
  /** Says "hello", and puts the stream together. */
  streamed(): Promise<Said>;
  /** Asks for a sum and runs the tool that is called, until the model answers. */
  useTool(): Promise<string>;
  /** Asks for a sum as an object. */
  object(): Promise<unknown>;
  /**
   * Asks for an endless answer, and disconnects at the first word. Absent if the client cannot
   * disconnect.
   */
  leave?(question: string): Promise<void>;
}

/** What a client sends. */
export const HELLO = "hello";

/** What needs the tool. */
export const QUESTION = "What is 2 + 3?";

/** What the tool takes. */
export const summands = z.object({ a: z.number(), b: z.number() });

/** The object that is asked for. */
export const total = z.object({ sum: z.number() });

/** What the tool says. */
export function add({ a, b }: z.infer<typeof summands>): string {
  return String(a + b);
}

/** Runs what is cut off on purpose. */
export async function untilLeft(run: (left: AbortController) => Promise<unknown>): Promise<void> {
  const left = new AbortController();
  await run(left).catch((error) => {
    if (!left.signal.aborted) throw error;
  });
}
