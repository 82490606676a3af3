import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import postgres from "postgres";
import { makeKey } from "./support/access_keys.ts";
import {
  type ChargingVendor,
  costOf,
  IMAGE_TOKENS,
  RATES,
  startChargingVendor,
  TREATMENTS,
} from "./support/charging_vendor.ts";
import { CREDENTIAL, type FaultGateway, openGateway, VENDOR } from "./support/fault_gateway.ts";
import { dollars, removeVendor } from "./support/fault_vendor.ts";
import { keysApi } from "./support/keys_api.ts";
import { type Person, readKeyring, signUp, stack } from "./support/stack.ts";

/** Fields that buy something, or that no list names: each costs at the vendor what it is asked for. */
const WISHES = {
  models: ["dear"],
  service_tier: "priority",
  plugins: [{ id: "web" }],
  web_search_options: {},
  best_of: 4,
  max_output_tokens: 9_000,
  thinking: { type: "enabled", budget_tokens: 9_000 },
  reasoning: { max_tokens: 9_000 },
  tools: [{ type: "web_search" }],
  store: true,
  something_new: { a: 1 },
} as const;

/** Fields that cost nothing, and are sent. */
const PLAIN = { temperature: 0.5, stop: ["never"], seed: 7, top_p: 0.9 } as const;

const IMAGES = {
  remote: { url: "https://example.com/1.png", detail: "high" },
  inline: { url: "data:image/png;base64,iVBORw0KGgo=" },
} as const;

const call = fc.record({
  caller: fc.constantFrom("carol", "dave", "program"),
  /** The platform's agent, the vendor's service by name, or an agent of the organization's. */
  buys: fc.constantFrom("platform", "platform", "named", "named", "disguised", "unpriced"),
  model: fc.constantFrom("cheap", "dear"),
  kind: fc.constantFrom("chat", "chat", "chat", "embedding"),
  treatment: fc.constantFrom("answers", "answers", ...TREATMENTS),
  words: fc.integer({ min: 1, max: 400 }),
  limit: fc.option(fc.integer({ min: 1, max: 1_500 }), { freq: 8 }),
  isStream: fc.boolean(),
  /** Whether the client goes away after the first bytes of a stream. */
  leaves: fc.constantFrom(false, false, true),
  images: fc.array(fc.constantFrom<keyof typeof IMAGES>("remote", "inline"), { maxLength: 2 }),
  hasFile: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  wishes: fc.subarray(Object.keys(WISHES)),
  plain: fc.subarray(Object.keys(PLAIN)),
});

type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

/** What a run is about: an organization that pays, its people, and what they may call. */
interface Scene {
  sql: postgres.Sql;
  gateway: FaultGateway;
  vendor: ChargingVendor;
  organization: string;
  tokens: Record<Call["caller"], string>;
  /** Vendor whose keys people have, beside the one of the platform's credential. */
  keyVendor: string;
  credentials: Record<string, "platform" | "shared" | "own">;
  agents: Record<"disguised" | "unpriced", string>;
  /** Budgets by whose turns they count. */
  budgets: { id: string; counts: (caller: Call["caller"]) => boolean; limit: bigint }[];
}

/** The outcome of a call. */
interface Outcome {
  caller: Call["caller"];
  status: number;
  credential: string;
  /** What the vendor charged, and what the ledger has; 10⁻¹⁰ dollars. */
  sold: bigint;
  booked: bigint;
  isReported: boolean;
  /** What the estimate of its prompt may be short of. */
  bound: bigint;
}

Deno.test("vendors that use every token they may use exceed no budget", async () => {
  const sql = postgres(stack.DB_URL, { max: 4, onnotice: () => {} });
  await using vendor = await startChargingVendor();
  const keyVendor = `e2e_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  for (const id of [VENDOR, keyVendor]) await addServices(sql, id, `${vendor.url}/v1`);
  const gateway = openGateway({ keyEncryptionKeys: await readKeyring() });
  const seen = new Map<string, number>();

  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 24, maxLength: 40 }), async (calls) => {
      const scene = await openScene({ sql, gateway, vendor, keyVendor });
      const outcomes: Outcome[] = [];
      const left = [...calls];
      await Promise.all(Array.from({ length: 4 }, async () => {
        for (let one = left.shift(); one !== undefined; one = left.shift()) {
          outcomes.push(await make(scene, one));
        }
      }));
      await gateway.idle();
      for (const outcome of outcomes) {
        const { status, credential, isReported } = outcome;
        for (
          const what of [`${status}`, `${credential} ${isReported ? "reported" : "estimated"}`]
        ) {
          seen.set(what, (seen.get(what) ?? 0) + 1);
        }
      }
      await expectBudgetsHeld(scene, outcomes);
    }),
    { numRuns: 4, seed: 20261130, endOnFailure: true },
  );

  // The test is only meaningful if all of these occurred.
  const met = ["200", "400", "402", "platform reported", "shared reported", "own reported"];
  for (const what of [...met, "platform estimated", "shared estimated"]) {
    ok((seen.get(what) ?? 0) > 0, `no call was "${what}": ${JSON.stringify([...seen])}`);
  }
  for (const id of [VENDOR, keyVendor]) await removeVendor(sql, { vendor: id });
  await sql.end();
});

async function expectBudgetsHeld(
  { sql, organization, budgets }: Scene,
  outcomes: readonly Outcome[],
): Promise<void> {
  for (const { sold, booked, isReported, bound, ...what } of outcomes) {
    // What a person's own key buys beyond the price of the turn is on that person's bill.
    if (what.credential === "own") continue;
    if (isReported) strictEqual(booked, sold, `${JSON.stringify(what)}: reported, and not booked`);
    ok(booked + bound >= sold, `${JSON.stringify(what)}: ${sold} sold, ${booked} booked`);
  }
  for (const { id, counts, limit } of budgets) {
    const counted = outcomes.filter(({ caller }) => counts(caller));
    const [after] = await sql<{ spent: string; reserved: string }[]>`
      select spent_usd::text as spent, reserved_usd::text as reserved from public.budgets where id = ${id}`;
    const sum = (of: (outcome: Outcome) => bigint) =>
      counted.map(of).reduce((total, one) => total + one, 0n);
    deepStrictEqual(
      [dollars(after?.spent ?? ""), dollars(after?.reserved ?? "")],
      [sum(({ booked }) => booked), 0n],
    );
    const charged = sum(({ credential, sold }) => credential === "own" ? 0n : sold);
    const bound = sum((outcome) => outcome.isReported ? 0n : outcome.bound);
    ok(charged <= limit + bound, `${charged} charged of ${limit}, and ${bound} for estimates`);
  }
  const [ledger] = await sql<{ cost: string; running: number }[]>`
    select coalesce(sum(total_cost), 0)::numeric(20, 10)::text as cost,
      (
        select count(*) from private.running_turns where organization_id = ${organization}
      )::integer as running
    from public.ai_interactions where organization_id = ${organization}`;
  deepStrictEqual(
    [dollars(ledger?.cost ?? ""), ledger?.running],
    [outcomes.reduce((total, { booked }) => total + booked, 0n), 0],
  );
}

// One call ---------------------------------------------------------------------

async function make(scene: Scene, one: Call): Promise<Outcome> {
  const { sql, gateway, vendor, credentials, tokens } = scene;
  const id = crypto.randomUUID();
  const token = tokens[one.caller];
  const body = await bodyOf(scene, one, `${id} ${one.treatment.split(" ").at(-1)}`);
  const { status, requestId, isWhole } = one.kind === "embedding"
    ? summarize(await gateway.embed(token, body))
    : one.isStream && one.leaves
    ? await leave(await gateway.open(token, body))
    : summarize(await gateway.chat(token, body));
  await gateway.idle();
  const [turn] = await sql<{ cost: string | null; estimated: boolean }[]>`
    select total_cost::text as cost, usage_is_estimated as estimated from public.ai_interactions
    where request_id = ${requestId}`;
  const bill = vendor.billOf(id);
  const prompt = 40 + one.images.length * (IMAGE_TOKENS - 1_024);
  return {
    caller: one.caller,
    status,
    credential: credentials[bill?.credential ?? ""] ?? "none",
    sold: bill?.cost ?? 0n,
    booked: dollars(turn?.cost ?? "0.0000000000"),
    isReported: isWhole && turn?.estimated === false,
    bound: costOf(one.model, prompt, 2) * BigInt(bill?.calls ?? 0),
  };
}

/** Reads the first bytes of an answer and goes. */
async function leave(response: Response) {
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  const requestId = response.headers.get("x-request-id");
  return { status: response.status, requestId, isWhole: false };
}

function summarize({ status, headers, code }: Awaited<ReturnType<FaultGateway["chat"]>>) {
  return {
    status,
    requestId: headers.get("x-request-id"),
    isWhole: status === 200 && code === null,
  };
}

/** The request, whose prompt begins with words that its vendor obeys. */
async function bodyOf(scene: Scene, one: Call, order: string): Promise<object> {
  const model = await modelOf(scene, one);
  const words = "word ".repeat(one.words);
  const wishes = pick(WISHES, one.wishes);
  if (one.kind === "embedding") {
    const tokens = Array.from({ length: one.words }, (_, index) => index);
    return { ...wishes, model, user: order, input: one.isStream ? tokens : [words, "and more"] };
  }
  const text = `${order} ${words}`;
  const parts = [
    { type: "text", text },
    ...one.images.map((image) => ({ type: "image_url", image_url: IMAGES[image] })),
    ...one.hasFile ? [{ type: "file", file: { file_id: "file-1" } }] : [],
  ];
  return {
    ...pick(PLAIN, one.plain),
    ...wishes,
    model,
    stream: one.isStream,
    ...one.limit !== null && { max_tokens: one.limit },
    messages: [{ role: "user", content: parts.length === 1 ? text : parts }],
  };
}

function pick(fields: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** What the request names; a platform agent is its own, or failures would close it for those that follow. */
async function modelOf({ sql, keyVendor, agents }: Scene, one: Call): Promise<string> {
  const { buys, kind, model } = one;
  const service = `${kind}_${model}`;
  if (buys === "named" || (buys !== "platform" && kind === "embedding")) {
    return `${keyVendor}/${service}`;
  }
  if (buys !== "platform") return agents[buys];
  const name = `agent-${crypto.randomUUID()}`;
  await sql`
    insert into public.agents (name, status, vendor_id, service_id, is_platform)
    values (${name}, 'active', ${VENDOR}, ${`${VENDOR}_${service}`}, true)`;
  return name;
}

// The scene --------------------------------------------------------------------

/** Adds a vendor that sells four services under their own names. */
async function addServices(sql: postgres.Sql, id: string, baseUrl: string): Promise<void> {
  await sql`
    insert into public.vendors (id, name, base_url, extra_fields)
    values (${id}, ${id}, ${baseUrl}, ${["thinking", "reasoning"]})
    on conflict (id) do update set base_url = excluded.base_url, is_active = true,
      extra_fields = excluded.extra_fields`;
  for (const kind of ["chat", "embedding"]) {
    for (const [model, { input, output }] of Object.entries(RATES)) {
      const name = `${kind}_${model}`;
      const added = await sql`
        insert into public.vendor_services (id, vendor_id, service_name, display_name, service_kind)
        values (${`${id}_${name}`}, ${id}, ${name}, ${name}, ${kind}) on conflict do nothing returning id`;
      if (added.length === 0) continue;
      await sql`
        insert into public.service_prices (service_id, valid_during, input_rate, output_rate)
        values (${`${id}_${name}`}, tstzrange(now() - interval '1 hour', null),
          ${input}::numeric, ${kind === "chat" ? output : "0"}::numeric)`;
    }
  }
}

async function openScene(
  { sql, gateway, vendor, keyVendor }: Pick<Scene, "sql" | "gateway" | "vendor" | "keyVendor">,
): Promise<Scene> {
  const [alice, carol, dave] = await Promise.all(["alice", "carol", "dave"].map(signUp));
  ok(alice && carol && dave);
  const [row] = await sql<{ id: string }[]>`
    insert into public.organizations (name, slug, created_by)
    values ('Payer', ${`payer-${crypto.randomUUID()}`}, ${alice.id}) returning id`;
  ok(row);
  const organization = row.id;
  for (const { id } of [carol, dave]) {
    await sql`
      insert into public.organization_members (organization_id, user_id, role)
      values (${organization}, ${id}, 'member')`;
  }
  await sql`
    update public.profiles set current_organization_id = ${organization}
    where id in ${sql([alice.id, carol.id, dave.id])}`;
  const shared = await storeKey(alice, keyVendor, organization);
  const own = await storeKey(carol, keyVendor);
  const program = await makeKey(dave, { organization_id: organization });
  const budget = async (limit: string, whose: object) => {
    const [made] = await sql<{ id: string }[]>`
      insert into public.budgets ${
      sql({ organization_id: organization, period: "day", limit_usd: limit, ...whose })
    } returning id`;
    ok(made);
    return { id: made.id, limit: dollars(limit) };
  };
  return {
    sql,
    gateway,
    vendor,
    keyVendor,
    organization,
    tokens: { carol: carol.accessToken, dave: dave.accessToken, program: program.secret },
    credentials: { [CREDENTIAL]: "platform", [shared]: "shared", [own]: "own" },
    agents: await addOwnAgents(sql, keyVendor, organization),
    budgets: [
      { ...await budget("1.0000000000", {}), counts: () => true },
      {
        ...await budget("0.6000000000", { user_id: dave.id }),
        counts: (caller) => caller !== "carol",
      },
      {
        ...await budget("0.3000000000", { access_key_id: program.id }),
        counts: (caller) => caller === "program",
      },
    ],
  };
}

/** Agents of the organization's: one whose model is not what it is priced as, and one without a price. */
async function addOwnAgents(
  sql: postgres.Sql,
  vendor: string,
  organization: string,
): Promise<Scene["agents"]> {
  const rows = await sql<{ id: string }[]>`
    insert into public.agents (name, status, organization_id, vendor_id, service_id, model_name)
    values
      ('Disguised', 'active', ${organization}, ${vendor}, ${`${vendor}_chat_cheap`}, null),
      ('Unpriced', 'active', ${organization}, ${vendor}, null, 'dear')
    returning id`;
  const [disguised, unpriced] = rows.map(({ id }) => id);
  ok(disguised && unpriced);
  await sql`
    insert into public.models (agent_id, name, model_id, service_id, is_default)
    values (${disguised}, 'dear in disguise', 'dear', ${`${vendor}_chat_cheap`}, true)`;
  return { disguised, unpriced };
}

async function storeKey(person: Person, vendor: string, organization?: string): Promise<string> {
  const key = `sk-e2e-${crypto.randomUUID()}`;
  const stored = await keysApi(stack.FUNCTIONS_URL, person.accessToken)("POST", "/keys", {
    vendor_id: vendor,
    key,
    organization_id: organization,
  });
  strictEqual(stored.status, 201, JSON.stringify(stored.body));
  return key;
}
