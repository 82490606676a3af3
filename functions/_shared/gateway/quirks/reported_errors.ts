/*
 * Errors where an answer should be, in a 200, that are not in a field `error`: MiniMax's base_resp (its
 * "Error codes", 21 November 2026; obsidian-aloud-tts#114, 26 December 2025), Anthropic's {type: error},
 * vLLM's {object: error}, the events of OpenAI's Responses API ({type: response.failed, response: {error}}),
 * and bare {code, message}, {status_code, message} or {detail} of gateways. Vendors that send a code with
 * every event use 0 or 200 for success (Spark and Qianfan, their API references, November 2026).
 */

/** MiniMax's numbers, as statuses of HTTP. */
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

/**
 * The error that a vendor reports in the place of an answer, or of an event of one.
 *
 * @returns undefined where it reports none.
 */
export function errorReported(json: object): unknown {
  const one: unknown = Array.isArray(json) ? json[0] : json;
  if (typeof one !== "object" || one === null) return undefined;
  const { error, errors, base_resp, ...rest }: Record<string, unknown> = { ...one };
  const hasAnswer = [rest.choices, rest.data, rest.usage].some((value) => value != null);
  if (error && !(hasAnswer && isEmpty(error))) return error;
  const minimax = minimaxError(base_resp);
  if (minimax) return minimax;
  if (rest.object === "error" || rest.type === "error") return one;
  if (hasAnswer) return undefined;
  if (Array.isArray(errors) && errors.length > 0) return errors[0];
  const inResponse: unknown = Object(rest.response).error;
  if (inResponse) return inResponse;
  if (rest.detail) return one;
  const statuses = [rest.status, rest.status_code].filter((status) => typeof status === "number");
  const isNamed = [rest.code, ...statuses].some(isFailure) || rest.success === false ||
    /error|exception/i.test(String(rest.type ?? rest.__type ?? ""));
  return isNamed && typeof (rest.message ?? rest.msg) === "string" ? one : undefined;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Whether a code names a failure. */
function isFailure(code: unknown): boolean {
  if (typeof code === "number") return code !== 0 && (code < 200 || code > 299);
  return typeof code === "string" && !/^(|0|200|ok|success|succeeded)$/i.test(code);
}

function minimaxError(base: unknown): object | undefined {
  if (typeof base !== "object" || base === null) return undefined;
  const code: unknown = Reflect.get(base, "status_code");
  if (typeof code !== "number" || code === 0) return undefined;
  return { message: Reflect.get(base, "status_msg"), code: MINIMAX.get(code) ?? code };
}
