import { ApiError } from "../_shared/core/errors.ts";
import { invalidField } from "../_shared/http/parse_body.ts";
import type { KeyRules } from "./schema.ts";

/** No vendor's key is longer. */
const MAX_LENGTH = 4096;

/**
 * Checks that a key has the format of its vendor. The error never quotes the key.
 *
 * @throws {ApiError} 400 `invalid_key_format`.
 */
export function assertKeyFormat(key: string, rules: KeyRules): void {
  const problem = problemOf(key, rules);
  if (problem) throw invalidField("key", "invalid_key_format", problem);
}

function problemOf(key: string, { name, vendor_id, key_pattern }: KeyRules): string | null {
  if (key.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (/\s/.test(key)) return "it contains a space or a line break. Copy the key alone";
  // A key is sent in a header, which allows no other characters.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    return "it contains characters that no key has. Copy the key alone";
  }
  const mistake = mistakeOf(key);
  if (mistake) return mistake;
  if (key.length < 8) return "it is too short for a key";
  if (key_pattern === null || patternOf(key_pattern, vendor_id).test(key)) return null;
  return `it does not look like a key of ${name}. Check which vendor it is for`;
}

/** Texts that are often pasted instead of a key. */
function mistakeOf(key: string): string | null {
  if (/^[A-Za-z_]\w*=./.test(key) && /(?:KEY|TOKEN|SECRET)\w*=/i.test(key)) {
    return "it begins with the name of a variable. Copy the value alone";
  }
  if (/^["'`]|["'`]$/.test(key)) return "it is quoted. Copy the key without the quotes";
  if (/^bearer/i.test(key)) return 'it begins with "Bearer". Copy the key without it';
  if (/^https?:/i.test(key)) return "it is an address";
  if (/^[[{]/.test(key)) return "it is JSON. Copy the key alone";
  if (/\*{3}|\.{3}|x{8}/i.test(key)) return "it is masked or a placeholder. Copy the whole key";
  if (/^(?:<.*>|your[-_].*)$/i.test(key)) return "it is a placeholder. Copy the key itself";
  return null;
}

/** Vendors are rows that operators write, so an invalid pattern is theirs to correct. */
function patternOf(pattern: string, vendorId: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new ApiError(
      "vendor_misconfigured",
      `Cannot check the key: the pattern of vendor "${vendorId}" is not a valid regular expression. The operator must correct vendors.key_pattern.`,
      { cause },
    );
  }
}
