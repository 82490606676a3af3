/** Longer than any provider's id of an account. */
const MAX_LENGTH = 255;

/**
 * The account of a token endpoint's answer: the `account_id` that the caller sends, or the values
 * of the provider's fields, such as `team.id`; `id_token.sub` is a claim of a token. It is not
 * verified, as it only distinguishes tokens of the person who sends it.
 *
 * @param fields `oauth_providers.account_fields`.
 * @returns null if it is not known.
 */
export function accountOf(body: object, fields: readonly string[]): string | null {
  const named = textOf(valueAt(body, "account_id"));
  if (named !== null || fields.length === 0) return named;
  const values = fields.map((field) => textOf(valueAt(body, field)));
  const account = values.join(":");
  return values.includes(null) || account.length > MAX_LENGTH ? null : account;
}

/** Whether an answer is known to be of another account than the stored tokens. */
export function isOtherAccount(
  account: string | null,
  before: { account_id: string | null } | null,
): boolean {
  const known = before?.account_id ?? null;
  return account !== null && known !== null && account !== known;
}

function valueAt(body: object, path: string): unknown {
  let value: unknown = body;
  for (const name of path.split(".")) {
    if (typeof value === "string") value = claimsOf(value);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
    value = Reflect.get(value, name);
  }
  return value;
}

/** The claims of a JSON web token; null for any other text. */
function claimsOf(text: string): unknown {
  const [, claims, signature] = text.split(".");
  if (claims === undefined || signature === undefined) return null;
  try {
    const bytes = Uint8Array.fromBase64(claims, { alphabet: "base64url" });
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

function textOf(value: unknown): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= MAX_LENGTH ? text : null;
}
