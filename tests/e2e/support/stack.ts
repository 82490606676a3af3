import { ok } from "node:assert/strict";
import { join } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import OpenAI from "openai";
import postgres from "postgres";
import { z } from "zod";

const environment = z.object({
  API_URL: z.url(),
  FUNCTIONS_URL: z.url(),
  PUBLISHABLE_KEY: z.string().min(1),
  SECRET_KEY: z.string().min(1),
  DB_URL: z.string().min(1),
  JWT_SECRET: z.string().min(1),
}).safeParse(Deno.env.toObject());

if (!environment.success) {
  const names = environment.error.issues.map((issue) => issue.path[0]).join(", ");
  throw new Error(
    `Cannot run the end-to-end tests: ${names} not set. Start a stack with "npm start" and pass the lines of its env file, or run "npm test".`,
  );
}

/** The addresses and keys of the stack under test, from its `env` file. */
export const stack = environment.data;

/** A person with an account of their own. */
export interface Person {
  id: string;
  email: string;
  /** The token that identifies them to the functions. */
  accessToken: string;
  /** The Data API on their behalf. */
  supabase: SupabaseClient;
  /** The chat API on their behalf. Does not retry, so that a test sees every answer. */
  openai: OpenAI;
}

/** Signs a new person up, as any visitor can. */
export async function signUp(name: string): Promise<Person> {
  const supabase = client();
  const email = `${name}-${crypto.randomUUID()}@example.com`;
  const { data, error } = await supabase.auth.signUp({ email, password: "a good password" });
  return person(supabase, email, data.session, error);
}

/** Signs in one of the people whom the seed provides. */
export async function signIn(name: string): Promise<Person> {
  const supabase = client();
  const email = `${name}@example.com`;
  const { data, error } = await supabase.auth.signInWithPassword({ email, password: "agentbase" });
  return person(supabase, email, data.session, error);
}

/** The chat API with any key. */
export function openaiWith(apiKey: string): OpenAI {
  return new OpenAI({ baseURL: stack.FUNCTIONS_URL, apiKey, maxRetries: 0 });
}

/** The database with the rights of its owner, which bypasses all policies: only for checks. */
export function openDatabase(): { sql: postgres.Sql } & AsyncDisposable {
  const sql = postgres(stack.DB_URL, { max: 1, onnotice: () => {} });
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}

/** The keyring of the stack under test, which decrypts the keys that its functions stored. */
export async function readKeyring(): Promise<string> {
  const folder = Deno.env.get("STACK_DIR");
  ok(folder, "STACK_DIR says where the stack under test keeps its files");
  const secrets = await Deno.readTextFile(join(folder, "secrets.json"));
  return z.object({ keyEncryptionKeys: z.string() }).parse(JSON.parse(secrets)).keyEncryptionKeys;
}

/**
 * Reads until the value satisfies the condition, or fails with the last value. Waits longer than a
 * minute, within which jobs retry what a call did not complete.
 */
export async function eventually<Value>(
  read: () => Promise<Value>,
  satisfies: (value: Value) => boolean,
  milliseconds = 90_000,
): Promise<Value> {
  const deadline = Date.now() + milliseconds;
  while (true) {
    const value = await read();
    if (satisfies(value)) return value;
    if (Date.now() > deadline) {
      throw new Error(`Cannot wait longer: still ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function client(): SupabaseClient {
  return createClient(stack.API_URL, stack.PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
}

function person(
  supabase: SupabaseClient,
  email: string,
  session: { access_token: string; user: { id: string } } | null,
  error: Error | null,
): Person {
  if (!session) throw new Error(`Cannot sign "${email}" in: ${error?.message ?? "no session"}`);
  const { access_token: accessToken, user: { id } } = session;
  return { id, email, accessToken, supabase, openai: openaiWith(accessToken) };
}
