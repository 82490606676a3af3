import { createKeyring } from "../../../../functions/_shared/crypto/envelope.ts";
import type { DirectSettings } from "../../../../functions/_shared/core/direct_settings.ts";
import { type Env, parseEnv } from "../../../../functions/_shared/core/env.ts";
import { type Finding, findingsOf } from "../finding.ts";

const { ok, warning, error } = findingsOf("settings");

/** Checks the variables of the functions, without asking anyone. The environment is null if unusable. */
export function checkSettings(
  variables: Record<string, string>,
): { env: Env | null; findings: Finding[] } {
  let env: Env;
  try {
    env = parseEnv(variables);
  } catch (thrown) {
    return { env: null, findings: [error(messageOf(thrown)), ...checkKeyring(variables)] };
  }
  const findings = [
    ...checkKeyring(variables),
    ...checkConnection(env),
    ...checkRedisPair(variables),
  ];
  return { env, findings: findings.length > 0 ? findings : [ok("The variables can be used.")] };
}

function checkKeyring({ KEY_ENCRYPTION_KEYS: keys }: Record<string, string>): Finding[] {
  if (!keys) {
    return [warning(
      "KEY_ENCRYPTION_KEYS is not set: vendor keys and OAuth tokens cannot be stored. Set it as docs/operations.md describes.",
    )];
  }
  try {
    createKeyring(keys);
    return [];
  } catch (thrown) {
    return [error(messageOf(thrown))];
  }
}

function checkConnection({ direct }: Env): Finding[] {
  if (direct === null) {
    return [warning(
      "The functions call Postgres through the Data API, which is slower. Set DATABASE_URL to the address of the role agentbase_functions.",
    )];
  }
  return [...checkPooler(direct), ...checkTls(direct)];
}

function checkPooler({ isSessionPooler, variable }: DirectSettings): Finding[] {
  if (!isSessionPooler) return [];
  return [warning(
    `${variable} names the pooler in session mode, where each connection of a function keeps one of the database. Use port 6543.`,
  )];
}

function checkTls({ tls, host, variable }: DirectSettings): Finding[] {
  const isNear = host === "127.0.0.1" || host === "::1" || host === "localhost";
  if (isNear || (tls && tls.rejectUnauthorized)) return [];
  const state = tls ? "is encrypted, but the server is not verified" : "is not encrypted";
  return [warning(
    `The connection of ${variable} ${state}. Set DATABASE_CA to the certificate of the project.`,
  )];
}

function checkRedisPair(variables: Record<string, string>): Finding[] {
  const names = ["UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN"];
  const missing = names.filter((name) => !variables[name]);
  if (missing.length !== 1) return [];
  return [error(`${missing.join()} is not set, so that Redis is not used. Set both or neither.`)];
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
