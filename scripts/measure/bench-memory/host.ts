/**
 * A process of its own that hosts the function `chat` alone, as the platform does, and writes the port
 * that it listens on.
 *
 * Arguments: the address of the Data API, which also answers as the vendor, and the secret of tokens.
 */
const [apiUrl = "", jwtSecret = ""] = Deno.args;

for (const name of ["UPSTASH_REDIS_REST_URL", "DATABASE_URL", "SUPABASE_DB_URL"]) {
  Deno.env.delete(name);
}
Deno.env.set("SUPABASE_URL", apiUrl);
Deno.env.set("SUPABASE_SECRET_KEYS", JSON.stringify({ default: "sb_secret_measure" }));
Deno.env.set("JWT_SECRET", jwtSecret);
Deno.env.set("BENCH_ECHO_API_KEY", "measure");

Object.assign(globalThis, { EdgeRuntime: { waitUntil: () => {} } });
const { default: chat } = await import("../../../functions/chat/index.ts");
const print = console.log;
console.log = () => {};
Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => print(`port ${port}`) },
  chat.fetch,
);
