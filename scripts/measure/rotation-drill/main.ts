/**
 * `npm run test:rotation-drill`: keys are re-encrypted while users create, replace, use and delete them;
 * the rotating process and the whole stack are killed on the way; and at the end every key must decrypt,
 * with the new key alone, to the last value stored.
 */
import postgres from "postgres";
import { createKeyring } from "../../../functions/_shared/crypto/envelope.ts";
import { bindingOfKey, type StoredKey } from "../../../functions/_shared/crypto/stored_key.ts";
import { keyringVariable, withActive } from "../../../tests/functions/support/keyring.ts";
import { completion, startUpstream } from "../../../tests/functions/support/upstream_server.ts";
import { countOld, rotateThroughCrashes } from "./crashes.ts";
import { createExpectations } from "./expectations.ts";
import { measure } from "./measure.ts";
import { parseRotationOptions, rotationHelp, type RotationOptions } from "./options.ts";
import { runMain } from "../../common/run-main.ts";
import { startPeople } from "./people.ts";
import { evaluateKeys } from "./evaluate-keys.ts";
import { makeFixture, VENDOR } from "./fixture.ts";
import { accessToken } from "../../test/support/access-token.ts";
import { type RestartingStack, startRestartingStack } from "../../test/support/restarting-stack.ts";

await runMain({
  help: rotationHelp,
  parse: parseRotationOptions,
  run: async (options) => await run(options) ? 0 : 1,
});

/** Runs the drill; true if all checks passed. */
async function run(options: RotationOptions): Promise<boolean> {
  console.log(
    `Rotation of ${options.keys} keys with ${options.clients} clients, seed ${options.seed}`,
  );
  const folder = await Deno.makeTempDir({ prefix: "agentbase-rotation-" });
  // The database server runs as another user where this runs as root.
  await Deno.chmod(folder, 0o755);
  const ring = keyringVariable("old", "new");
  const holds = await rotate(options, folder, {
    both: withActive(ring, "new"),
    old: withActive(ring, "old", "new"),
    new: withActive(ring, "new", "old"),
  });
  if (holds) await Deno.remove(folder, { recursive: true });
  else console.log(`Repeat with --seed ${options.seed}; the stack is kept in "${folder}"`);
  return holds;
}

/** Values of KEY_ENCRYPTION_KEYS. */
type Rings = Record<"both" | "old" | "new", string>;

async function rotate(options: RotationOptions, folder: string, rings: Rings): Promise<boolean> {
  const expectations = createExpectations();
  const complaints = new Map<string, number>();
  const complain = (what: string) =>
    void complaints.set(what.slice(0, 300), (complaints.get(what.slice(0, 300)) ?? 0) + 1);
  await using upstream = startUpstream((received) => {
    const key = received.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    const owner = received.body.messages[0].content;
    if (!expectations.everOf(owner).has(key)) complain("a call was made with an unknown key");
    return completion("hi");
  });
  await using stack = await startRestartingStack(folder, { KEY_ENCRYPTION_KEYS: rings.both });
  const sql = postgres(stack.environment.DB_URL, { max: 3, onnotice: () => {} });
  await using _connections = { [Symbol.asyncDispose]: () => sql.end() };

  const startedAt = performance.now();
  await makeFixture(sql, createKeyring(rings.old), expectations, {
    keys: options.keys,
    baseUrl: upstream.baseUrl,
  });
  console.log(`  stored under the old key in ${seconds(startedAt)} s`);
  const [old] = await sql<StoredKey[]>`
    select id, user_id, vendor_id, encrypted_key from public.user_api_keys order by id desc limit 1`;
  if (!old) throw new Error("Cannot find the keys that were stored");

  const people = startPeople(options, { stack, sql, expectations, complain });
  const began = performance.now();
  const end = await rotateThroughCrashes(options, { stack, sql });
  const took = seconds(began);
  await people.end();

  const left = await countOld(sql);
  const newRing = createKeyring(rings.new);
  const counts = await evaluateKeys(sql, newRing, expectations);
  await stack.restart({ KEY_ENCRYPTION_KEYS: rings.new });
  const answer = await openAgain(stack, sql, old);
  const opens = await newRing.decrypt(old.encrypted_key, bindingOfKey(old))
    .then(() => true, () => false);
  const times = await measure(newRing);

  const rate = Math.round(options.keys / Number(took));
  const done = [...people.deeds].map(([what, times]) => `${times} ${what}`).join(", ");
  const [encryption, decryption] = [times.encryption.toFixed(0), times.decryption.toFixed(0)];
  console.log(`
rotated       ${options.keys} keys in ${took} s, both crashes included: ${rate} a second
concurrently  ${done}
one value     encryption ${encryption} µs, decryption ${decryption} µs
`);
  const { rows, lost, undecryptable, wrong, unknown } = counts;
  return report(rows, [
    ["the rotation reports success", end.code === 0, end.stderr],
    ["no value uses the old key", left === 0, `${left} values`],
    ["no key is lost", lost === 0, `${lost} of ${expectations.keys.size}`],
    ["every key decrypts with the new key alone", undecryptable === 0, `${undecryptable} do not`],
    ["to what was stored last", wrong + unknown === 0, JSON.stringify(counts)],
    ["no client noticed the rotation", complaints.size === 0, JSON.stringify([...complaints])],
    ["an old ciphertext does not decrypt without the old key", !opens, "it decrypted"],
    ["and its owner is told so", answer === "undecryptable", answer],
  ]);
}

/** Puts an old blob back and asks for it as its owner; the code of the error that comes back. */
async function openAgain(
  stack: RestartingStack,
  sql: postgres.Sql,
  old: StoredKey,
): Promise<string> {
  const { id, user_id, encrypted_key } = old;
  await sql`
    insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview)
    values (${id}, ${user_id}, ${VENDOR}, ${encrypted_key}, '')
    on conflict (id) do update set encrypted_key = excluded.encrypted_key`;
  const { FUNCTIONS_URL: functionsUrl, API_URL: apiUrl, JWT_SECRET: jwtSecret } = stack.environment;
  const token = await accessToken({ apiUrl, jwtSecret, userId: user_id });
  for (;;) {
    const response = await fetch(`${functionsUrl}/keys/${id}/decrypt`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
    const { error } = await response.json();
    if (response.status !== 429) return error?.code ?? "none: it opened";
    // Its owner may have decrypted ten keys within the last minute.
    const wait = Number(response.headers.get("retry-after") ?? 1);
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
  }
}

type Finding = [name: string, holds: boolean, detail: string];

/** Prints the result of each check, failures last; true if all passed. */
function report(rows: number, findings: readonly Finding[]): boolean {
  const broken = findings.filter(([, holds]) => !holds);
  for (const [name, holds] of findings) if (holds) console.log(`  passed  ${name}`);
  for (const [name, , detail] of broken) {
    console.log(`  FAILED  ${name}: ${detail.slice(0, 2000)}`);
  }
  console.log(broken.length === 0 ? `\nAll checks passed: ${rows} keys.` : "\nSome checks failed.");
  return broken.length === 0;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
