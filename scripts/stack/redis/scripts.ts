import { createHash } from "node:crypto";
import type { RedisCommand } from "./connection.ts";

/** A flag that Upstash's Redis knows and the original refuses, together with the script. */
const upstashFlag = "allow-key-locking";

/**
 * Makes a translator of commands that carry Lua scripts: it leaves out the flag that only Upstash
 * knows (it allows scripts on different keys to run at once, and changes no result).
 *
 * A script is known by the SHA-1 of its text, which the caller computes from the original: those
 * digests are translated as well, once the script was seen.
 */
export function createScriptTranslator(): (command: RedisCommand) => RedisCommand {
  const digests = new Map<string, string>();
  return (command) => {
    const [name, ...rest] = command.map((part) => typeof part === "string" ? part : null);
    const at = scriptPosition(name, rest[0]);
    const script = at === null ? null : rest[at - 1];
    if (at === null || typeof script !== "string") return command;
    if (/^evalsha/i.test(name ?? "")) {
      return command.with(at, digests.get(script.toLowerCase()) ?? script);
    }
    const plain = withoutUpstashFlag(script);
    if (plain !== script) digests.set(sha1(script), sha1(plain));
    return command.with(at, plain);
  };
}

/** Which argument of a command holds a script or its digest. */
function scriptPosition(name?: string | null, subcommand?: string | null): number | null {
  if (/^eval(sha)?(_ro)?$/i.test(name ?? "")) return 1;
  return /^script$/i.test(name ?? "") && /^load$/i.test(subcommand ?? "") ? 2 : null;
}

/** Line numbers in messages about the script stay right: the first line is kept, if empty. */
function withoutUpstashFlag(script: string): string {
  return script.replace(/^#!lua flags=(\S*)/, (line, list: string) => {
    const flags = list.split(",");
    if (!flags.includes(upstashFlag)) return line;
    const others = flags.filter((flag) => flag !== upstashFlag);
    return others.length === 0 ? "" : `#!lua flags=${others.join(",")}`;
  });
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
