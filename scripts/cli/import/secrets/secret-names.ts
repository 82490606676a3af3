/**
 * Which names say that what they name is a secret. JavaScript and Postgres read the patterns alike; both
 * ignore case.
 */
const secretName =
  "passw(or)?d|passphrase|passcode|^pwd$|_pwd$|(^|[ _-])pin$|secret(?!ar)|credential|authori[sz]ation|cookie" +
  "|bearer|jwt|oauth_data|(access|account|api|app|auth|encryption|master|private|service|shared" +
  "|signing|storage)[ _-]?key(?!word|board)";
const tokenName = "token";
/** Tokens that are counted, and what names only their kind. */
const countedTokens =
  "tokeni[sz]|(bos|cached|completion|context|eos|input|max|min|num|output|pad|prompt" +
  "|reasoning|special|stop|total|unk)[ _-]?tokens?$" +
  "|tokens?[ _-]?(budget|cost|count|estimate|in|limit|out|price|rate|size|type|usage|used|window)s?$";

/** Types whose values are no secrets, such as the time at which a password was changed. */
const plainType = /^(boolean|date|timestamp|time|smallint|integer|bigint|numeric|real|double)/;

/** Whether a column holds a secret, by its name. */
export function isSecretColumn({ name, type }: { name: string; type: string }): boolean {
  return !plainType.test(type) && (
    new RegExp(secretName, "i").test(name) ||
    new RegExp(tokenName, "i").test(name) && !new RegExp(countedTokens, "i").test(name)
  );
}

/** The function by which the database knows such names. */
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
