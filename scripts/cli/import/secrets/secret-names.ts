/**
 * Recognises secrets by the name of a field or column. JavaScript and Postgres interpret the
 * patterns alike; both ignore case.
 */
const secretName =
  "passw(or)?d|passphrase|passcode|^pwd$|_pwd$|(^|[ _-])pin$|secret(?!ar)|credential|authori[sz]ation|cookie" +
  "|bearer|jwt|oauth_data|(access|account|api|app|auth|encryption|master|private|service|shared" +
  "|signing|storage)[ _-]?key(?!word|board)";
const tokenName = "token";
/** Names that look like secrets but are not: counts of tokens, and the kind of a token or key. */
const countedTokens =
  "tokeni[sz]|(bos|cached|completion|context|eos|input|max|min|num|output|pad|prompt" +
  "|reasoning|special|stop|total|unk)[ _-]?tokens?$" +
  "|tokens?[ _-]?(budget|cost|count|estimate|in|limit|out|price|rate|size|type|usage|used|window)s?$";

/** Types that cannot hold a secret: a timestamp, for example, is when a password was changed. */
const plainType = /^(boolean|date|timestamp|time|smallint|integer|bigint|numeric|real|double)/;

/** Whether the name of a column indicates a secret. */
export function isSecretColumn({ name, type }: { name: string; type: string }): boolean {
  return !plainType.test(type) && (
    new RegExp(secretName, "i").test(name) ||
    new RegExp(tokenName, "i").test(name) && !new RegExp(countedTokens, "i").test(name)
  );
}

/** The SQL function that recognises such names. */
export const secretNameFunction = `
create or replace function agentbase_import.is_secret_name(name text)
returns boolean
language sql
immutable parallel safe
as $$
  select $1 ~* '${secretName}' or ($1 ~* '${tokenName}' and $1 !~* '${countedTokens}')
$$;
comment on function agentbase_import.is_secret_name(text) is
  'Whether a name says that what it names is a secret.'`;
