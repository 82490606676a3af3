/**
 * `npm run test:rotation`: keys are encrypted anew while people create, replace, use and delete them,
 * the rotating process and the whole stack are killed on the way, and in the end every key must open,
 * with the new key alone, to what was stored last.
 */
import { join } from "node:path";
import postgres from "postgres";
import { createKeyring } from "../functions/_shared/encryption.ts";
import { placeOfKey, type StoredKey } from "../functions/_shared/stored_key.ts";
import { keyringVariable, withActive } from "../tests/functions/support/keyring.ts";
import { completion, startUpstream } from "../tests/functions/support/upstream_server.ts";
import { accessToken } from "./bench/access-token.ts";
import { createExpectations } from "./rotation/expectations.ts";
import { runClient } from "./rotation/client.ts";
import { measure } from "./rotation/measure.ts";
import { parseRotationOptions, type RotationOptions } from "./rotation/options.ts";
import { judge } from "./rotation/verdict.ts";
import { makeWorld, VENDOR } from "./rotation/world.ts";
import { createChance } from "./soak/chance.ts";
import { type SoakStack, startSoakStack } from "./soak/stack.ts";
import { freePort } from "./stack/free-port.ts";
import { pathFromHere } from "./stack/path-from-here.ts";

const usage = `npm run test:rotation -- [--keys 10000] [--clients 6] [--batch 500] [--seed <number>]

Starts a stack of its own, stores so many keys under an old key, and encrypts them anew while clients
create, replace, open, use and delete keys. The rotation is killed after a third, the whole stack after
two. At the end the old key is taken off: every key must open to what was stored last, and an old blob
to nothing.`;

try {
  const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const options = parseRotationOptions(Deno.args, random);
  if (options.help) console.log(usage);
  else Deno.exit(await run(options) ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}

/** Runs it all; true when everything held. */
async function run(options: RotationOptions): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-rotation-" });
  // The database server runs as another user where this runs as root.
  await Deno.chmod(folder, 0o755);
  const ring = keyringVariable("old", "new");
  const place = { folder: join(folder, "stack"), apiPort: freePort(), databasePort: freePort() };
  const start = (keys: string) =>
    startSoakStack({ ...place, credentials: { KEY_ENCRYPTION_KEYS: keys } });
  console.log(
    `Rotation of ${options.keys} keys with ${options.clients} clients, seed ${options.seed}`,
  );

  const expectations = createExpectations();
  const complaints = new Map<string, number>();
  const complain = (what: string) =>
    void complaints.set(what.slice(0, 300), (complaints.get(what.slice(0, 300)) ?? 0) + 1);
  await using upstream = startUpstream((received) => {
    const key = received.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    const owner = received.body.messages[0].content;
    if (!expectations.everOf(owner).has(key)) complain("a call was made with a key of nobody");
    return completion("hi");
  });
  let stack: SoakStack = await start(withActive(ring, "new"));
  const sql = postgres(stack.environment.DB_URL, { max: 3, onnotice: () => {} });
  try {
    const { FUNCTIONS_URL: functionsUrl, API_URL: apiUrl, JWT_SECRET: jwtSecret } =
      stack.environment;
    const oldRing = createKeyring(withActive(ring, "old"));
    const startedAt = performance.now();
    await makeWorld(sql, oldRing, expectations, { keys: options.keys, baseUrl: upstream.baseUrl });
    console.log(`  stored under the old key in ${seconds(startedAt)} s`);
    const [old] = await sql<StoredKey[]>`
      select id, user_id, vendor_id, encrypted_key from public.user_api_keys order by id desc limit 1`;
    if (!old) throw new Error("Cannot find the keys that were stored");

    /** Takes the old key off and puts an old blob back: the function must not open it. */
    const withoutOldKey = async (): Promise<boolean> => {
      await stack.stop();
      stack = await start(withActive(ring, "new", "old"));
      const { id, user_id, encrypted_key } = old;
      await sql`
        insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview)
        values (${id}, ${user_id}, ${VENDOR}, ${encrypted_key}, '')
        on conflict (id) do update set encrypted_key = excluded.encrypted_key`;
      const token = await accessToken({ apiUrl, jwtSecret, userId: user_id });
      const response = await fetch(`${functionsUrl}/keys/${id}/decrypt`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
      });
      const { error } = await response.json();
      return error?.code === "undecryptable";
    };

    let [isDone, isDown] = [false, false];
    const front = followFront(sql, () => isDone, () => isDown);
    const deeds = new Map<string, number>();
    const clients = Array.from({ length: options.clients }, (_, client) => {
      const chance = createChance(options.seed + client * 7919);
      return runClient({
        functionsUrl,
        expectations,
        chance,
        tokenOf: (userId) => accessToken({ apiUrl, jwtSecret, userId }),
        pick: () => front.pick(chance.below(1_000_000)),
        isDone: () => isDone,
        isDown: () => isDown,
        did: (what) => void deeds.set(what, (deeds.get(what) ?? 0) + 1),
        complain,
      });
    });

    const left = async () => (await countOld(sql)).reduce((sum, { amount }) => sum + amount, 0);
    const began = performance.now();
    const first = startRotation(stack, options.batch);
    await until(async () => await left() <= options.keys * 2 / 3);
    first.child.kill("SIGKILL");
    await first.end;
    console.log(`  the rotation was killed with ${await left()} left`);
    const second = startRotation(stack, options.batch);
    await until(async () => await left() <= options.keys / 3);
    isDown = true;
    await stack.crash();
    stack = await start(withActive(ring, "new"));
    isDown = false;
    second.child.kill("SIGKILL");
    await second.end;
    console.log(`  the stack was killed with ${await left()} left`);
    const third = await startRotation(stack, options.batch).end;
    const took = (performance.now() - began) / 1000;
    isDone = true;
    await Promise.all([...clients, front.ended]);
    const remaining = await left();

    const newRing = createKeyring(withActive(ring, "new", "old"));
    const verdict = await judge(sql, newRing, expectations);
    const failsClosed = await newRing.decrypt(old.encrypted_key, placeOfKey(old)).then(
      () => false,
      () => true,
    );
    const answer = await withoutOldKey();
    const times = await measure(newRing);
    const rate = Math.round(options.keys / took);
    console.log(
      `rotated       ${options.keys} keys in ${
        took.toFixed(1)
      } s, both crashes included: ${rate} a second`,
    );
    console.log(`meanwhile     ${[...deeds].map(([what, n]) => `${n} ${what}`).join(", ")}`);
    console.log(
      `one value     encryption ${times.encryption.toFixed(0)} µs, decryption ${
        times.decryption.toFixed(0)
      } µs\n`,
    );
    const findings: [name: string, holds: boolean, detail: string][] = [
      ["the rotation says that it is done", third.code === 0, third.stderr],
      ["the old key locks nothing", remaining === 0, `${remaining} values`],
      ["no key is lost", verdict.lost === 0, `${verdict.lost} of ${expectations.keys.size}`],
      [
        "every key opens with the new key alone",
        verdict.undecryptable === 0,
        `${verdict.undecryptable} do not`,
      ],
      ["to what was stored last", verdict.wrong + verdict.unknown === 0, JSON.stringify(verdict)],
      ["nobody noticed the rotation", complaints.size === 0, JSON.stringify([...complaints])],
      ["an old blob opens to nothing once the old key is gone", failsClosed && answer, ""],
    ];
    for (const [name, holds, detail] of findings) {
      console.log(holds ? `  holds   ${name}` : `  BROKEN  ${name}: ${detail.slice(0, 2000)}`);
    }
    const holds = findings.every(([, holds]) => holds);
    console.log(
      holds
        ? `\nEverything held: ${verdict.rows} keys.`
        : `\nNot everything held. Again: --seed ${options.seed}; the stack's log is in "${place.folder}.log"`,
    );
    if (holds) await stack.stop().then(() => Deno.remove(folder, { recursive: true }));
    return holds;
  } finally {
    await sql.end();
    await stack.stop();
  }
}

/** Values that the old key still locks. */
async function countOld(sql: postgres.Sql) {
  const rows = await sql<{ key_id: string; amount: string }[]>`
    select key_id, amount from public.count_encrypted_values() where key_id <> 'new'`.catch(() =>
    null
  );
  return rows?.map(({ amount }) => ({ amount: Number(amount) })) ?? [{ amount: Infinity }];
}

/** The operator's command, in a process that can be killed. */
function startRotation({ environment }: SoakStack, batch: number) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", pathFromHere("../rotate.ts"), "--batch", String(batch)],
    env: { FUNCTIONS_URL: environment.FUNCTIONS_URL, SECRET_KEY: environment.SECRET_KEY },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const end = child.output().then(({ code, stdout, stderr }) => {
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  });
  return { child, end };
}

/** Keys that the rotation reaches next, and some others: where people and it meet. */
function followFront(sql: postgres.Sql, isDone: () => boolean, isDown: () => boolean) {
  let ids: string[] = [];
  const ended = (async () => {
    while (!isDone()) {
      if (!isDown()) {
        const rows = await sql<{ id: string }[]>`
          (select id from public.user_api_keys where split_part(encrypted_key, ':', 2) = 'old' order by id limit 300)
          union all
          (select id from public.user_api_keys where id > gen_random_uuid() order by id limit 100)`
          .catch(() => []);
        if (rows.length > 0) ids = rows.map(({ id }) => id);
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return { ended, pick: (number: number): string | undefined => ids[number % ids.length] };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 100));
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
