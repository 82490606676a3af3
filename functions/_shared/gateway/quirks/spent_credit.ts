import { matterOf } from "./error_names.ts";
import type { ErrorReason } from "./error_shapes.ts";

/*
 * Few vendors report an account without credit as a 402. OpenAI says 429 insufficient_quota,
 * Moonshot 429 exceeded_current_quota_error, MiniMax 429 or 500 "insufficient balance (1008)"
 * (MiniMax-M2#62, 23 December 2025; modelscope#1691, 25 April 2026), Anthropic 400 "Your credit
 * balance is too low", xAI 403 "used all available credits", Alibaba 400 Arrearage, Zhipu 429 with
 * code 1113. From their references, 21 November 2026.
 */

/** Anchored at the beginning, as a message may quote a caller's input. */
const SENTENCES = [
  /^Your credit balance is too low/i,
  /^insufficient (account )?balance/i,
  /^Your team \S+ has either used all available credits/i,
  /^(access denied, )?please make sure your account is in good standing/i,
];

/** Whether an error says that the account of the credential has no credit or quota left. */
export function isOutOfCredit(status: number, { sentence, names, code }: ErrorReason): boolean {
  if (status === 402) return true;
  if (status < 400) return false;
  return matterOf(names) === "credit" || String(code) === "1113" ||
    SENTENCES.some((known) => known.test(sentence));
}
