import { deepEqual, doesNotMatch, equal, match, throws } from "node:assert/strict";
import { parseEnv } from "../../../functions/_shared/core/env.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";

const COMPLETE = {
  SUPABASE_URL: "http://127.0.0.1:54321/",
  SUPABASE_SECRET_KEYS: '{"worker":"sb_secret_w","default":"sb_secret_d"}',
};

Deno.test("parseEnv() derives issuer and keys from the project's URL", () => {
  const env = parseEnv(COMPLETE);
  equal(env.supabaseUrl, "http://127.0.0.1:54321");
  equal(env.secretKey, "sb_secret_d");
  equal(env.authIssuer, "http://127.0.0.1:54321/auth/v1");
  equal(env.jwksUrl, "http://127.0.0.1:54321/auth/v1/.well-known/jwks.json");
  equal(env.jwtSecret, undefined);
  equal(env.demoUpstreamUrl, undefined);
  deepEqual(env.trustedHosts, []);
});

Deno.test("parseEnv() reads the secret keys with their names", () => {
  deepEqual([...parseEnv(COMPLETE).secretKeys], [
    ["worker", "sb_secret_w"],
    ["default", "sb_secret_d"],
  ]);
});

Deno.test("parseEnv() reads the hosts that the operator trusts", () => {
  const env = parseEnv({ ...COMPLETE, TRUSTED_HOSTS: "127.0.0.1, ollama.internal:11434,\n" });
  deepEqual(env.trustedHosts, ["127.0.0.1", "ollama.internal:11434"]);
});

Deno.test("parseEnv() uses the platform's address header, unless another is named", () => {
  const headerOf = (more: object) => parseEnv({ ...COMPLETE, ...more }).clientAddressHeader;
  equal(headerOf({}), "cf-connecting-ip");
  equal(headerOf({ CLIENT_ADDRESS_HEADER: "" }), "cf-connecting-ip");
  equal(headerOf({ CLIENT_ADDRESS_HEADER: "X-Forwarded-For" }), "X-Forwarded-For");
  throws(() => headerOf({ CLIENT_ADDRESS_HEADER: "a header" }), /CLIENT_ADDRESS_HEADER/);
});

Deno.test("parseEnv() prefers an issuer and key address that are given", () => {
  const env = parseEnv({
    ...COMPLETE,
    AUTH_ISSUER: "https://auth.example.com/auth/v1",
    SUPABASE_JWKS_URL: "https://keys.example.com/jwks.json",
  });
  equal(env.authIssuer, "https://auth.example.com/auth/v1");
  equal(env.jwksUrl, "https://keys.example.com/jwks.json");
});

Deno.test("parseEnv() treats an empty variable as absent", () => {
  const env = parseEnv({
    ...COMPLETE,
    JWT_SECRET: "",
    DEMO_UPSTREAM_URL: "",
    OPENAI_API_KEY: " \n",
  });
  equal(env.variables.has("OPENAI_API_KEY"), false);
  deepEqual([env.jwtSecret, env.demoUpstreamUrl], [undefined, undefined]);
});

Deno.test("parseEnv() strips the line break at the end of a pasted secret", () => {
  const env = parseEnv({ ...COMPLETE, OPENAI_API_KEY: "sk-1\n" });
  equal(env.variables.get("OPENAI_API_KEY"), "sk-1");
});

Deno.test("parseEnv() keeps the encryption keys where no vendor's address can refer to them", () => {
  const env = parseEnv({ ...COMPLETE, KEY_ENCRYPTION_KEYS: " {} \n" });
  equal(env.keyEncryptionKeys, "{}");
  equal(env.variables.has("KEY_ENCRYPTION_KEYS"), false);
  equal(parseEnv({ ...COMPLETE, KEY_ENCRYPTION_KEYS: "" }).keyEncryptionKeys, undefined);
});

Deno.test("parseEnv() names every variable at fault, and shows no value", () => {
  const broken = {
    SUPABASE_URL: "not-a-url-hush",
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_hush"',
    JWT_SECRET: "short-hush",
  };
  throws(() => parseEnv(broken), (error: unknown) => {
    const { message, status, code, cause } = error as ApiError;
    equal(status, 500);
    equal(code, "function_misconfigured");
    match(message, /SUPABASE_URL, SUPABASE_SECRET_KEYS, JWT_SECRET/);
    doesNotMatch(message, /hush/);
    equal(cause, undefined);
    return error instanceof ApiError;
  });
});

Deno.test("parseEnv() requires the variables without which nothing works", () => {
  throws(() => parseEnv({}), { message: /SUPABASE_URL, SUPABASE_SECRET_KEYS/ });
});

const DIRECT = "postgresql://agentbase_functions:p%40ss@db.example.com:6543/postgres";

Deno.test("parseEnv() reads how to reach Postgres directly", () => {
  const { direct } = parseEnv({ ...COMPLETE, DATABASE_URL: DIRECT, DATABASE_POOL_SIZE: "7" });
  deepEqual(direct, {
    variable: "DATABASE_URL",
    host: "db.example.com",
    port: 6543,
    user: "agentbase_functions",
    password: "p@ss",
    database: "postgres",
    tls: { rejectUnauthorized: false },
    poolSize: 7,
    isSessionPooler: false,
  });
});

Deno.test("parseEnv() takes the platform's connection where the operator gave none", () => {
  const platform = { ...COMPLETE, SUPABASE_DB_URL: "postgresql://postgres:hush@db:5432/postgres" };
  deepEqual(
    [parseEnv(platform).direct?.variable, parseEnv(platform).direct?.poolSize],
    ["SUPABASE_DB_URL", 4],
  );
  equal(parseEnv({ ...platform, DATABASE_URL: DIRECT }).direct?.variable, "DATABASE_URL");
  equal(parseEnv({ ...platform, DATABASE_URL: "" }).direct?.variable, "SUPABASE_DB_URL");
  equal(parseEnv({ ...platform, DATABASE_ACCESS: "data-api" }).direct, null);
  equal(parseEnv(COMPLETE).direct, null);
});

Deno.test("parseEnv() enables TLS for every remote host, and verifies with a CA certificate", () => {
  const tlsOf = (host: string, more: object = {}) =>
    parseEnv({ ...COMPLETE, DATABASE_URL: `postgresql://u:p@${host}`, ...more }).direct?.tls;
  for (const near of ["127.0.0.1", "[::1]:5432", "localhost", "db"]) equal(tlsOf(near), false);
  deepEqual(tlsOf("10.0.0.5"), { rejectUnauthorized: false });
  deepEqual(tlsOf("db?sslmode=require"), { rejectUnauthorized: false });
  deepEqual(tlsOf("db.example.com?sslmode=verify-full"), { rejectUnauthorized: true });
  equal(tlsOf("db.example.com?sslmode=disable"), false);
  const DATABASE_CA = "-----BEGIN CERTIFICATE-----";
  deepEqual(tlsOf("db", { DATABASE_CA }), { rejectUnauthorized: true, ca: DATABASE_CA });
});

Deno.test("parseEnv() recognises a pooler in session mode", () => {
  const isSession = (port: number) =>
    parseEnv({
      ...COMPLETE,
      DATABASE_URL: `postgresql://u.ref:p@aws-0-eu-west-1.pooler.supabase.com:${port}/postgres`,
    }).direct?.isSessionPooler;
  deepEqual([isSession(5432), isSession(6543)], [true, false]);
});

Deno.test("parseEnv() keeps addresses with passwords from vendors' addresses, and out of errors", () => {
  const given = { ...COMPLETE, DATABASE_URL: DIRECT, SUPABASE_DB_URL: DIRECT };
  const { variables } = parseEnv(given);
  deepEqual([variables.has("DATABASE_URL"), variables.has("SUPABASE_DB_URL")], [false, false]);
  for (const broken of ["mysql://u:hush@h/d", "hush", "postgresql://h/d"]) {
    throws(() => parseEnv({ ...COMPLETE, DATABASE_URL: broken }), (error: ApiError) => {
      match(error.message, /DATABASE_URL missing or invalid/);
      doesNotMatch(error.message, /hush/);
      return true;
    });
  }
});
