import { errors } from "@upstash/redis";

/** Why a call of Redis came to nothing. */
export interface RedisFailure {
  /** For the log: names no key, no value and no address. */
  reason: string;
  /** Whether only the one key is at fault, so that Redis itself may be asked again at once. */
  isAboutOneKey: boolean;
}

/**
 * Tells what went wrong from what the client threw. Its messages quote the command with all that is
 * in it, so that none of them may be passed on.
 */
export function redisFailure(thrown: unknown): RedisFailure {
  // A script that meets such a value fails on a line of its own.
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

/** What Redis itself said, without the command that the client adds; null when it did not answer. */
function replyOf(thrown: unknown): string | null {
  if (!(thrown instanceof errors.UpstashError)) return null;
  // An answer that is no JSON is an error of the same class.
  if (thrown instanceof errors.UpstashJSONParseError) return null;
  return thrown.message.split(", command was: ")[0] ?? null;
}
