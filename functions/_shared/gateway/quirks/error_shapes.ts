import { parseJson } from "../../core/json.ts";
import { quotesSecret } from "../call/quotes_secret.ts";

/*
 * Errors come in many shapes: {error: {message}}, {error: "text"}, {message}, from Google's
 * OpenAI-compatible API a list of one (recorded from answers of vendors, 22 November 2026), from Mistral
 * and others on FastAPI {detail: [{loc, msg}]}, also within `message` (FastAPI's "Handling errors", 21
 * November 2026), and from OpenRouter "Provider returned error" around the vendor's own in
 * metadata.raw (its "Errors and debugging", 21 November 2026). Proxies write another's error as JSON in
 * the sentence of their own, behind the names of exceptions (LiteLLM's exceptions, 30 November 2026). Some
 * servers write a bare sentence. Groq and OpenAI name the account in a sentence, xAI also its key, AWS the
 * resource.
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
  /** Whether it tells for which reasons a filter held the input back. */
  isFlagged: boolean;
}

const MAX_MESSAGE_LENGTH = 500;

/** How deep a sentence may be wrapped. */
const MAX_DEPTH = 5;

/** Where a sentence, or what it is wrapped in, may stand. What comes first holds. */
const PLACES = [
  "error",
  "Error",
  "errors",
  "message",
  "Message",
  "detail",
  "msg",
  "error_description",
  "error_message",
  "error_msg",
  "err_msg",
  "errmsg",
  "status_msg",
  "base_resp",
  "description",
  "title",
];

/** What may name an error. */
const NAMES = ["code", "Code", "type", "__type", "status", "reason", "error_type"];

/** The exceptions that LiteLLM writes in front of a sentence. */
const EXCEPTIONS = /^(?:litellm\.\w+: )+/;

/** Keys, and what an account has: who calls a model need not know whose credential is used. */
const PRIVATE =
  /\b(?:sk|pk|key|gsk|xai)[-_][A-Za-z0-9_*.-]{8,}|\bAIza[\w-]{20,}|\b(?:org|proj|team)[-_](?=[A-Za-z]*\d)[A-Za-z0-9]{8,}|\barn:aws[^\s"'`,]*|(?<=\b(?:[Tt]eam|API key ID): )[\w-]{8,}/g;

/**
 * Reads what an upstream says went wrong.
 *
 * @param secret The credential that was used: a sentence that holds a part of it is not repeated.
 * @param sent What was asked: what the caller knows anyway.
 */
export function readReason(body: string, secret: string, sent: unknown): ErrorReason {
  // Not JSON: a sentence, or a proxy's page, which explains nothing to a caller.
  const json = parseJson(body);
  const isGiven = typeof json === "object" && json !== null;
  const found: Found = { sentence: "", code: undefined, names: [], isFlagged: false };
  const text = typeof json === "string" ? json : json === undefined ? body.trim() : "";
  if (text.length <= MAX_MESSAGE_LENGTH && !text.startsWith("<")) found.sentence = text;
  if (isGiven) find(json, found, 0);
  const { sentence, names, ...rest } = found;
  const message = sentence === ""
    ? "no explanation was given."
    : repeatable(sentence, secret, sent);
  return { ...rest, isGiven, sentence, message, names: [...new Set(names)].slice(0, 20) };
}

type Found = Pick<ErrorReason, "sentence" | "code" | "names" | "isFlagged">;

/** Finds the sentence in a value and notes what names it, the outermost first. */
function find(value: unknown, found: Found, depth: number): void {
  if (depth > MAX_DEPTH || value === null || value === undefined) return;
  if (typeof value === "string") {
    const json = /^\s*[{[]/.test(value) ? parseJson(value) : undefined;
    if (json !== undefined) find(json, found, depth + 1);
    if (found.sentence === "") {
      const exceptions = EXCEPTIONS.exec(value)?.[0] ?? "";
      found.names.push(...exceptions.matchAll(/\.(\w+)/g).map(([, name = ""]) => name));
      found.sentence = value;
    }
  }
  if (typeof value !== "object") return;
  if (Array.isArray(value)) {
    for (const one of value.slice(0, 3)) find(one, found, depth + 1);
    return;
  }
  const fields: Record<string, unknown> = { ...value };
  const { code, Code, status_code, error_code } = fields;
  found.code ??= code ?? Code ?? status_code ?? error_code ?? undefined;
  found.names.push(...NAMES.map((name) => fields[name]).filter((name) => typeof name === "string"));
  // Which of the fields of a request is at fault, FastAPI says beside the sentence.
  if (Array.isArray(fields.loc) && typeof fields.msg === "string") {
    found.sentence ||= `${fields.loc.join(".")}: ${fields.msg}`;
  }
  findRaw(fields.metadata, found, depth);
  for (const name of PLACES) find(fields[name], found, depth + 1);
  for (const name of ["details", "innererror"]) findNames(fields[name], found);
}

/** OpenRouter's: why a filter held the input back, or the vendor's own words. */
function findRaw(metadata: unknown, found: Found, depth: number): void {
  if (typeof metadata !== "object" || metadata === null) return;
  const { reasons, flagged_input, raw }: Record<string, unknown> = { ...metadata };
  found.isFlagged ||= Array.isArray(reasons) || typeof flagged_input === "string";
  find(raw, found, depth + 1);
}

function findNames(value: unknown, found: Found): void {
  for (const one of Array.isArray(value) ? value.slice(0, 5) : [value]) {
    if (typeof one !== "object" || one === null) continue;
    const names = [...NAMES, "@type"].map((name): unknown => Reflect.get(one, name));
    found.names.push(...names.filter((name) => typeof name === "string"));
  }
}

/** Upstream text is hostile until shown otherwise: no control characters, no essays, no keys. */
function repeatable(sentence: string, secret: string, sent: unknown): string {
  const text = sentence.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim().slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
  if (quotesSecret(text, secret, sent)) return "its explanation quotes the key, and is left out.";
  return text.replaceAll(PRIVATE, "[redacted]");
}
