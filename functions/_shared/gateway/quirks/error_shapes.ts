import { z } from "zod";
import { quotesSecret } from "../call/quotes_secret.ts";

/*
 * Errors come in four shapes: {error: {message}}, {error: "text"}, {message}, and from Google's
 * OpenAI-compatible API a list of one. Recorded from answers of vendors, 22 November 2026.
 */

/** What an upstream says went wrong. */
export interface ErrorReason {
  /** Whether it explains itself at all, in an object and not a proxy's page. */
  isGiven: boolean;
  /** Its sentence as it came, to be compared with known ones; empty where there is none. */
  sentence: string;
  /** Its sentence made fit to be repeated, or our words in its place. */
  message: string;
  code: unknown;
  /** What it names beside the sentence, where nothing that a caller sent is ever quoted. */
  names: string[];
}

const MAX_MESSAGE_LENGTH = 500;

const beside = {
  code: z.unknown().optional(),
  type: z.unknown().optional(),
  status: z.unknown().optional(),
  details: z.array(z.object({ reason: z.unknown().optional() })).optional().catch([]),
};

/** The shapes in which vendors wrap the sentence that says what went wrong. */
const oneError = z.union([
  z.object({ error: z.object({ message: z.string(), ...beside }) }).transform(({ error }) => error),
  z.object({ error: z.string(), ...beside })
    .transform(({ error, ...named }) => ({ message: error, ...named })),
  z.object({ message: z.string(), ...beside }),
]);

/** Google answers a call in OpenAI's format with a list of one. */
const errorBody = z.union([oneError, z.tuple([oneError], z.unknown()).transform(([one]) => one)]);

/**
 * Reads what an upstream says went wrong.
 *
 * @param secret The credential that was used: a sentence that holds a part of it is not repeated.
 * @param sent What was asked: what the caller knows anyway.
 */
export function readReason(body: string, secret: string, sent: unknown): ErrorReason {
  let parsed;
  let isGiven = false;
  try {
    const json: unknown = JSON.parse(body);
    isGiven = typeof json === "object" && json !== null;
    parsed = errorBody.safeParse(json);
  } catch {
    // Not JSON: a proxy's page, which explains nothing to a caller.
  }
  if (!parsed?.success) {
    return {
      isGiven,
      sentence: "",
      message: "no explanation was given.",
      code: undefined,
      names: [],
    };
  }
  const { message: sentence, code, type, status, details = [] } = parsed.data;
  const named = [code, type, status, ...details.map(({ reason }) => reason)];
  return {
    isGiven,
    sentence,
    message: repeatable(sentence, secret, sent),
    code,
    names: named.filter((name) => typeof name === "string"),
  };
}

/** Upstream text is hostile until shown otherwise: no control characters, no essays, no keys. */
function repeatable(sentence: string, secret: string, sent: unknown): string {
  const text = sentence.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim().slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
  if (quotesSecret(text, secret, sent)) return "its explanation quotes the key, and is left out.";
  return text.replaceAll(
    /\b(sk|pk|key|gsk|xai)[-_][A-Za-z0-9_*.-]{8,}|\bAIza[\w-]{20,}/g,
    "[redacted]",
  );
}
