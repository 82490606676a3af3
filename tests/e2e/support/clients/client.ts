import { z } from "zod";

/** The settings with which a client calls a model. */
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

/** An unmodified client of a model's API, as programs use it. */
export interface Client {
  /** Sends "hello", and waits for the answer. */
  whole(): Promise<Said>;
  /** Sends "hello", and merges the stream. */
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

/** The message of a client. */
export const HELLO = "hello";

/** The question that requires the tool. */
export const QUESTION = "What is 2 + 3?";

/** The arguments of the tool. */
export const summands = z.object({ a: z.number(), b: z.number() });

/** The object that is asked for. */
export const total = z.object({ sum: z.number() });

/** The result of the tool. */
export function add({ a, b }: z.infer<typeof summands>): string {
  return String(a + b);
}

/** Runs a call that is canceled on purpose. */
export async function untilLeft(run: (left: AbortController) => Promise<unknown>): Promise<void> {
  const left = new AbortController();
  await run(left).catch((error) => {
    if (!left.signal.aborted) throw error;
  });
}
