/**
 * A call that failed because of its connection: either before it was sent, or with an unknown
 * outcome.
 */
export class ConnectionFailure extends Error {
  override readonly name = "ConnectionFailure";
  /** A SQLSTATE or a system error code; empty for none. */
  readonly code: string;
  /** Whether the call was certainly not sent, so that it may be sent in another way. */
  readonly wasNotSent: boolean;

  /** Whether user, password or database are wrong; poolers ban clients that repeat this. */
  readonly isRefused: boolean;

  constructor(message: string, { code = "", wasNotSent = false, isRefused = false } = {}) {
    super(message);
    this.code = code;
    this.wasNotSent = wasNotSent;
    this.isRefused = isRefused;
  }
}

/** Remedies for a failed connection, by the error code of the server or system. */
const REMEDIES: [pattern: RegExp, remedy: string][] = [
  [
    /^28|password authentication failed|tenant or user not found/i,
    "The server refuses the user or the password. Check both in {variable}",
  ],
  [/^3D000/, "The database does not exist. Check its name in {variable}"],
  [
    /^53|too many (clients|connections)|max client|maxclients|CHECKOUTTIMEOUT|no more connections/i,
    "The server has no connection left. Lower DATABASE_POOL_SIZE, use the pooler in transaction mode, or raise its pool size",
  ],
  [/^57P0|the database system is/i, "The server is starting or stopping"],
  [
    /certificate|self.signed|UnknownIssuer|altname/i,
    "The server's certificate cannot be verified. Check DATABASE_CA and the host in {variable}",
  ],
  [
    /SSL/i,
    "The server does not accept TLS. Turn it on there, or add sslmode=disable to {variable} on a private network",
  ],
  [/ENOTFOUND|EAI_AGAIN|lookup/i, "The host is unknown. Check it in {variable}"],
  [
    /circuit breaker/i,
    "The pooler blocks this address after too many failed logins. Check {variable}",
  ],
  [/timeout/i, "The server does not answer in time"],
];

/**
 * Describes in one sentence why a connection failed and what to do.
 *
 * @param thrown The error of the driver.
 * @param variable The variable to look at.
 */
export function connectFailure(thrown: unknown, variable: string): ConnectionFailure {
  const { code, message } = codeAndMessageOf(thrown);
  const remedy = REMEDIES.find(([pattern]) => pattern.test(code) || pattern.test(message))?.[1] ??
    "The server cannot be reached. Check the host and the port in {variable}";
  const sentence = remedy.replace("{variable}", variable);
  const isRefused = /^28|^3D/.test(code) ||
    /tenant or user not found|circuit breaker/i.test(message);
  return new ConnectionFailure(`${sentence} (${message}).`, { code, wasNotSent: true, isRefused });
}

/** Code and message of an error of the driver. */
export function codeAndMessageOf(thrown: unknown): { code: string; message: string } {
  if (!(thrown instanceof Error)) return { code: "", message: String(thrown) };
  const code: unknown = Reflect.get(thrown, "code");
  return {
    code: typeof code === "string" ? code : "",
    message: thrown.message.replace(/\s+/g, " ").slice(0, 200) || thrown.name,
  };
}
