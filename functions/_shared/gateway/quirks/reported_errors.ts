/*
 * Errors in a 200 in place of an answer, outside the field `error`: MiniMax's base_resp (its "Error
 * codes", 21 November 2026; obsidian-aloud-tts#114, 26 December 2025), Anthropic's {type: error},
 * vLLM's {object: error}, the events of OpenAI's Responses API ({type: response.failed, response:
 * {error}}), {success: false, errors} of Cloudflare's Workers AI, {error_code, error_msg} of
 * Qianfan, {Response: {Error}} of Tencent's Hunyuan (their API references, 30 November 2026),
 * {x_groq: {error}} where Groq stops a stream early (groq-sdk, ChatCompletionChunk.XGroq, 1
 * December 2026), and bare {code, message}, {status: error} or {detail} of gateways, with empty
 * `choices`, `data` or `usage` beside them. Vendors that send a code with every event use 0 or 200
 * for success (Spark and Qianfan, likewise).
 */

/** MiniMax's error numbers, as HTTP statuses. */
const MINIMAX: ReadonlyMap<number, number> = new Map([
  [1002, 429],
  [1004, 401],
  [1008, 402],
  [1026, 400],
  [1027, 400],
  [1039, 429],
  [1041, 429],
  [2013, 400],
  [2049, 401],
  [2056, 402],
]);

/** Words by which a status or result reports a failure. */
const FAILED = /^(error|err|fail|failed|failure|exception)$/i;

/** Messages of success, for vendors with their own success codes. */
const SUCCEEDED = /^\W*(ok|success(ful(ly)?)?|succeed(ed)?|done|normal)\W*$/i;

/** Fields with the code of an error. */
const CODES = ["code", "status_code", "error_code", "err_code", "errcode", "errno", "ret"];

/** Fields with its message. */
const SENTENCES = ["message", "msg", "error_message", "error_msg", "err_msg", "errmsg", "reason"];

/**
 * The error that a vendor reports in place of an answer or of an event.
 *
 * @returns undefined if it reports none.
 */
export function errorReported(json: object): unknown {
  const one: unknown = Array.isArray(json) ? json[0] : json;
  if (typeof one !== "object" || one === null) return undefined;
  const fields: Record<string, unknown> = { ...one };
  const { error, Error: named, errors, base_resp } = fields;
  // A non-empty list is an answer, even if its elements are empty; errors may come with an empty
  // list or object.
  const hasAnswer = isFilled(fields.choices) || isFilled(fields.data);
  const isMeasured = saysAnything(fields.usage);
  if (error && !((hasAnswer || isMeasured) && !saysAnything(error))) {
    // Some vendors use `error` only as a flag, and describe the error in other fields.
    return typeof error === "string" || saysAnything(error) && typeof error === "object"
      ? error
      : one;
  }
  const groq: unknown = Object(fields.x_groq).error;
  if (saysAnything(groq)) return groq;
  const minimax = minimaxError(base_resp);
  if (minimax) return minimax;
  if (fields.object === "error" || fields.type === "error") return one;
  if (hasAnswer) return undefined;
  if (saysAnything(errors)) return Array.isArray(errors) ? errors[0] : errors;
  if (saysAnything(named)) return named;
  const inside = errorInside(fields);
  if (inside) return inside;
  if (namesFailure(fields)) return one;
  return fields.detail && !isMeasured ? one : undefined;
}

/** The events of OpenAI's Responses API, and Tencent's {Response: {Error}}. */
function errorInside({ response, Response: tencent }: Record<string, unknown>): unknown {
  return Object(response).error || Object(tencent).Error || undefined;
}

/** Whether a flag or a word reports a failure, or a code or type together with a message. */
function namesFailure(fields: Record<string, unknown>): boolean {
  const { status, success, ok, result, type, __type } = fields;
  if (success === false || success === "false" || ok === false) return true;
  const sentence = SENTENCES.map((name) => fields[name]).find((one) => typeof one === "string");
  const words = [status, result, fields.state].filter((one) => typeof one === "string");
  if (words.some((word) => FAILED.test(word))) return true;
  const codes = CODES.map((name) => fields[name]);
  const isCode = [...codes, typeof status === "number" ? status : undefined].some(isFailure);
  return sentence !== undefined && !SUCCEEDED.test(sentence) &&
    (isCode || /error|exception/i.test(String(type ?? __type ?? "")));
}

function isFilled(value: unknown): boolean {
  return typeof value === "object" && value !== null
    ? Object.keys(value).length > 0
    : Boolean(value);
}

/** Whether a value holds anything: empty lists and objects, nulls, zeros and empty texts do not. */
function saysAnything(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  return Object.values(value).some(saysAnything);
}

/** Whether a code names a failure. */
function isFailure(code: unknown): boolean {
  if (typeof code === "number") return code !== 0 && (code < 200 || code > 299);
  return typeof code === "string" && !/^(|0|2\d\d|ok|success|succeeded)$/i.test(code);
}

function minimaxError(base: unknown): object | undefined {
  if (typeof base !== "object" || base === null) return undefined;
  const code: unknown = Reflect.get(base, "status_code");
  if (typeof code !== "number" || code === 0) return undefined;
  return { message: Reflect.get(base, "status_msg"), code: MINIMAX.get(code) ?? code };
}
