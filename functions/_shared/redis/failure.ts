import { errors } from "@upstash/redis";

/** Why a call of Redis failed. */
export interface RedisFailure {
  /** For the log: contains no key, value or address. */
  reason: string;
  /** Whether only this key is at fault, so that Redis itself need not be skipped. */
  isAboutOneKey: boolean;
}

/**
 * Classifies an error of the client. Its messages quote the whole command, so they must not be
 * logged.
 */
export function redisFailure(thrown: unknown): RedisFailure {
  // If a script meets a value of the wrong type, the error names the script.
  const isAboutOneKey = /^WRONGTYPE\b|^ERR\b.*\buser_script:/.test(replyOf(thrown) ?? "");
  return { reason: isAboutOneKey ? "unusable value" : reasonOf(thrown), isAboutOneKey };
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof DOMException && /^(Timeout|Abort)Error$/.test(thrown.name)) {
    return "no answer in time";
  }
  const reply = replyOf(thrown);
  if (reply !== null) {
    return `refused: ${reply.match(/^[A-Z]{2,20}\b|^Unauthorized\b/)?.[0] ?? "?"}`;
  }
  return thrown instanceof TypeError ? "unreachable or unusable answer" : "unusable answer";
}

/** The error of Redis, without the command that the client adds; null if Redis did not answer. */
function replyOf(thrown: unknown): string | null {
  if (!(thrown instanceof errors.UpstashError)) return null;
  // An answer that is not JSON throws an error of the same class.
  if (thrown instanceof errors.UpstashJSONParseError) return null;
  return thrown.message.split(", command was: ")[0] ?? null;
}
