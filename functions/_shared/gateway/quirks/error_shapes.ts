import { parseJson } from "../../core/json.ts";
import { quotesSecret } from "../call/quotes_secret.ts";

/*
 * Errors come in many shapes: {error: {message}}, {error: "text"}, {message}, from Google's
 * OpenAI-compatible API a list of one (recorded from answers of vendors, 22 November 2026), from
 * Mistral and others on FastAPI {detail: [{loc, msg}]}, also within `message` (FastAPI's "Handling
 * errors", 21 November 2026), and from OpenRouter "Provider returned error" with the vendor's own
 * error in metadata.raw (its "Errors and debugging", 21 November 2026). Proxies embed the vendor's
 * error as JSON in their own message, after the names of exceptions (LiteLLM's exceptions, 30
 * November 2026). Some servers send the bare message. The messages of Groq and OpenAI may name the
 * account, those of xAI also the key, those of AWS the resource.
 */

/** The parsed error of an upstream. */
export interface ErrorReason {
  /** Whether the body is an error object, and not the HTML page of a proxy. */
  isGiven: boolean;
  /** The original message, to be compared with known ones; empty for none. */
  sentence: string;
  /** The sanitized message that may be shown to callers, or a generic one. */
  message: string;
  code: unknown;
  /** Its codes and types. Unlike the message, they never quote a caller's input. */
  names: string[];
  /** Whether it names the reasons why a filter rejected the input. */
  isFlagged: boolean;
}

const MAX_MESSAGE_LENGTH = 500;

/** How deep a message may be nested. */
const MAX_DEPTH = 5;

/** Fields that may contain the message, or an object around it. The first match counts. */
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

/** Fields that may contain an error name. */
const NAMES = ["code", "Code", "type", "__type", "status", "reason", "error_type"];

/** The exception names that LiteLLM puts in front of a message. */
const EXCEPTIONS = /^(?:litellm\.\w+: )+/;

/** Keys and account details, which must not reveal to a caller whose credential is used. */
const PRIVATE =
  /\b(?:sk|pk|key|gsk|xai)[-_][A-Za-z0-9_*.-]{8,}|\bAIza[\w-]{20,}|\b(?:org|proj|team)[-_](?=[A-Za-z]*\d)[A-Za-z0-9]{8,}|\barn:aws[^\s"'`,]*|(?<=\b(?:[Tt]eam|API key ID): )[\w-]{8,}/g;

/**
 * Parses the error of an upstream.
 *
 * @param secret The credential that was used: a message that contains a part of it is not shown.
 * @param sent The request, whose content the caller already knows.
 */
export function readReason(body: string, secret: string, sent: unknown): ErrorReason {
  // Not JSON: a bare message, or the HTML page of a proxy, which is not shown.
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

/** Finds the message in a value, and collects the names of the error, outermost first. */
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
  // FastAPI names the field at fault separately, in `loc`.
  if (Array.isArray(fields.loc) && typeof fields.msg === "string") {
    found.sentence ||= `${fields.loc.join(".")}: ${fields.msg}`;
  }
  findRaw(fields.metadata, found, depth);
  for (const name of PLACES) find(fields[name], found, depth + 1);
  for (const name of ["details", "innererror"]) findNames(fields[name], found);
}

/** OpenRouter's metadata: why a filter rejected the input, or the vendor's own error. */
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

/** Sanitizes upstream text, which is untrusted: no control characters, limited length, no keys. */
function repeatable(sentence: string, secret: string, sent: unknown): string {
  const text = sentence.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim().slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
  if (quotesSecret(text, secret, sent)) return "its explanation quotes the key, and is left out.";
  return text.replaceAll(PRIVATE, "[redacted]");
}
