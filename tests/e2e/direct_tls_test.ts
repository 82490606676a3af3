import { equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { parseEnv } from "../../functions/_shared/core/env.ts";
import type { ConnectionFailure } from "../../functions/_shared/database/direct/failure.ts";
import { connect } from "../../functions/_shared/database/direct/connection.ts";
import { startTemporaryDatabase } from "../../scripts/stack/postgres/temporary-database.ts";
import { certificateFor } from "../functions/support/certificate.ts";

/** Settings of a connection, as a deployment gives them. */
function settingsOf(variables: Record<string, string>) {
  const { direct } = parseEnv({
    SUPABASE_URL: "http://127.0.0.1:1",
    SUPABASE_SECRET_KEYS: '{"default":"none"}',
    ...variables,
  });
  if (direct === null) throw new Error("Cannot connect: no address");
  return direct;
}

Deno.test("a direct connection is encrypted, and verified if a CA certificate is set", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-tls-" });
  await Deno.chmod(folder, 0o755);
  const [own, other] = [await certificateFor("localhost"), await certificateFor("localhost")];
  const [cert, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  await Deno.writeTextFile(cert, own.cert);
  await Deno.writeTextFile(key, own.key, { mode: 0o600 });
  if (Deno.uid() === 0) { for (const path of [cert, key]) await Deno.chown(path, 65534, 65534); }
  const database = await startTemporaryDatabase({
    settings: { ssl: "on", ssl_cert_file: cert, ssl_key_file: key },
  });
  const url = `postgresql://postgres:postgres@localhost:${database.port}/postgres`;

  /** Whether Postgres says that the connection is encrypted. */
  async function isEncrypted(variables: Record<string, string>): Promise<unknown> {
    const connection = await connect(settingsOf(variables));
    const { rows } = await connection.run(
      "select ssl from pg_catalog.pg_stat_ssl where pid = pg_catalog.pg_backend_pid()",
      [],
    );
    await connection.end();
    return rows[0]?.[0];
  }

  try {
    await test.step("not encrypted by default on localhost", async () => {
      equal(await isEncrypted({ DATABASE_URL: url }), false);
    });
    await test.step("encrypted with sslmode=require, not verified without a CA certificate", async () => {
      equal(await isEncrypted({ DATABASE_URL: `${url}?sslmode=require` }), true);
    });
    await test.step("encrypted and verified with the server's CA certificate", async () => {
      equal(await isEncrypted({ DATABASE_URL: url, DATABASE_CA: own.cert }), true);
    });
    await test.step("another server's certificate is refused, and the log says what to check", async () => {
      const connecting = connect(settingsOf({ DATABASE_URL: url, DATABASE_CA: other.cert }));
      await rejects(connecting, (error: ConnectionFailure) => {
        match(error.message, /certificate cannot be verified\. Check DATABASE_CA/);
        equal(error.wasNotSent, true);
        return true;
      });
    });
    await test.step("a certificate for another host name is refused", async () => {
      const address = url.replace("localhost", "127.0.0.1");
      const connecting = connect(settingsOf({ DATABASE_URL: address, DATABASE_CA: own.cert }));
      await rejects(connecting, { message: /certificate cannot be verified/ });
    });
    await test.step("session settings are sent when the platform's own address is used", async () => {
      const connection = await connect(settingsOf({ SUPABASE_DB_URL: `${url}?sslmode=require` }));
      const { rows } = await connection.run("show statement_timeout", []);
      equal(rows[0]?.[0], "8s");
      await connection.end();
    });
  } finally {
    await database.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
