import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import postgres from "postgres";
import packageJson from "../../../package.json" with { type: "json" };
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { needsAttention, readReport, reportLines } from "./check.ts";
import { shiftDecimal } from "./decimal.ts";
import { parseCatalogueOptions } from "./options.ts";
import { countChanges, planTable } from "./plan-table.ts";
import { ListRefused, runImport } from "./plan.ts";
import type { PriceList } from "./price-list.ts";
import { installedPrices, readList } from "./read-list.ts";
import { genaiPrices } from "./sources/genai-prices.ts";
import { litellm } from "./sources/litellm.ts";
import { modelsDev } from "./sources/models-dev.ts";
import { openrouter } from "./sources/openrouter.ts";

Deno.test("a shift of the decimal point loses no digit", () => {
  const cases: [string, number, string][] = [
    ["0.0000001", 6, "0.1"],
    ["2.5e-06", 6, "2.5"],
    ["1e-7", 6, "0.1"],
    ["0.00000100000000000000015", 6, "1.00000000000000015"],
    ["3", 6, "3000000"],
    ["0", 6, "0"],
    ["0.0", 6, "0"],
    ["-1", 6, "-1000000"],
    ["10", -3, "0.01"],
    ["1200", -3, "1.2"],
    ["12.5", 0, "12.5"],
    ["free", 6, "free"],
    ["", 6, ""],
  ];
  for (const [text, places, wanted] of cases) equal(shiftDecimal(text, places), wanted, text);
});

Deno.test("arguments that contradict each other are refused", () => {
  deepEqual(
    parseCatalogueOptions(["--from", "litellm", "--plan", "--add", "a*,b", "--allow", "zero,jump"]),
    {
      mode: "plan",
      from: "litellm",
      file: null,
      asOf: null,
      add: ["a*", "b"],
      allow: ["jump", "zero"],
      all: false,
    },
  );
  deepEqual(parseCatalogueOptions(["--check"]), { mode: "check", maxAge: 90, within: 60 });
  const wrong: [string[], RegExp][] = [
    [[], /one of --plan, --apply and --check/],
    [["--plan", "--apply", "--from", "litellm"], /one of --plan, --apply and --check/],
    [["--plan"], /--from "" is not one of the lists/],
    [["--plan", "--from", "prices"], /--from "prices" is not one of the lists/],
    [["--plan", "--from", "litellm", "--allow", "all"], /--allow "all" is unknown/],
    [["--plan", "--from", "litellm", "--as-of", "2026-01-01"], /--as-of needs --file/],
    [
      ["--plan", "--from", "litellm", "--file", "x", "--as-of", "today"],
      /--as-of "today" is not a day/,
    ],
    [["--check", "--from", "litellm"], /--from cannot be used with --check/],
    [["--check", "--max-age", "0"], /--max-age "0"/],
  ];
  for (const [args, message] of wrong) throws(() => parseCatalogueOptions(args), message);
});

Deno.test("genai-prices: days, tiers, names, prices per million", () => {
  const services = genaiPrices.read([
    {
      id: "openai",
      models: [
        {
          id: "gpt-x",
          name: "GPT X",
          match: {
            or: [{ equals: "gpt-x" }, { equals: "gpt-x-2026-01-01" }, { equals: "gpt-x-codex" }, {
              starts_with: "gpt-x-",
            }],
          },
          context_window: 1000,
          prices: [
            { prices: { input_mtok: 10, output_mtok: 40 } },
            {
              constraint: { type: "start_date", start_date: "2026-06-10" },
              prices: {
                input_mtok: { base: 2, tiers: [{ start: 200, price: 4 }] },
                cache_read_mtok: 0.5,
                output_mtok: 8,
                web_searches_kcount: 10,
              },
            },
          ],
        },
        {
          id: "gpt-hours",
          match: { equals: "gpt-hours" },
          prices: [{
            constraint: { type: "time_of_date", start_time: "1", end_time: "2" },
            prices: { input_mtok: 1 },
          }],
        },
        { id: "whisper-x", match: { equals: "whisper-x" }, prices: { audio_hours: 0.36 } },
      ],
    },
    { id: "elsewhere", models: [{ id: "x", match: { equals: "x" }, prices: { input_mtok: 1 } }] },
  ]);
  deepEqual(services, [{
    vendor_id: "openai",
    service_name: "gpt-x",
    display_name: "GPT X",
    context_window: 1000,
    aliases: ["gpt-x-2026-01-01"],
    prices: [
      { min_input_tokens: 0, input_rate: "10", output_rate: "40" },
      {
        valid_from: "2026-06-10",
        min_input_tokens: 0,
        input_rate: "2",
        cached_input_rate: "0.5",
        output_rate: "8",
      },
      {
        valid_from: "2026-06-10",
        min_input_tokens: 201,
        input_rate: "4",
        cached_input_rate: "0.5",
        output_rate: "8",
      },
    ],
  }]);
});

Deno.test("litellm: prices per token, tiers of service and of prompts, units, ends", () => {
  const services = litellm.read({
    sample_spec: {
      mode: "one of chat, embedding",
      litellm_provider: "one of …",
      max_input_tokens: "set to …",
    },
    "openai/gpt-x": {
      litellm_provider: "openai",
      mode: "chat",
      input_cost_per_token: 9e-6,
      output_cost_per_token: 9e-6,
    },
    "gpt-x": {
      litellm_provider: "openai",
      mode: "chat",
      max_output_tokens: 128000.0,
      input_cost_per_token: 2.5e-6,
      output_cost_per_token: 1e-5,
      cache_read_input_token_cost: 1.25e-7,
      input_cost_per_token_above_200k_tokens: 5e-6,
      output_cost_per_token_above_200k_tokens: 2e-5,
      input_cost_per_token_priority: 4.25e-6,
      output_cost_per_token_priority: 1.7e-5,
      deprecation_date: " 2027-01-14",
    },
    "gpt-x-pro": { litellm_provider: "openai", mode: "responses", input_cost_per_token: 1e-6 },
    "whisper-x": {
      litellm_provider: "openai",
      mode: "audio_transcription",
      input_cost_per_second: 0.0001,
      output_cost_per_second: 0.0001,
    },
    "tts-x": {
      litellm_provider: "openai",
      mode: "audio_speech",
      input_cost_per_character: 0.000015,
    },
    "1024-x-1024/image-x": {
      litellm_provider: "openai",
      mode: "image_generation",
      output_cost_per_image: 0.04,
    },
    "wandb/x": { litellm_provider: "wandb", mode: "chat", input_cost_per_token: 5 },
    "nothing": { litellm_provider: "openai", mode: "chat" },
    "together_ai/meta/llama-x": {
      litellm_provider: "together_ai",
      mode: "chat",
      input_cost_per_token: 1e-6,
      output_cost_per_token: 1e-6,
    },
  });
  deepEqual(services.map(({ vendor_id, service_name }) => `${vendor_id} ${service_name}`), [
    "openai gpt-x",
    "openai whisper-x",
    "openai tts-x",
    "together_ai meta/llama-x",
  ]);
  deepEqual(services[0], {
    vendor_id: "openai",
    service_name: "gpt-x",
    service_kind: "chat",
    max_output_tokens: 128000,
    retired_on: "2027-01-14",
    prices: [
      {
        service_tier: "standard",
        min_input_tokens: 0,
        input_rate: "2.5",
        cached_input_rate: "0.125",
        output_rate: "10",
      },
      { service_tier: "standard", min_input_tokens: 200001, input_rate: "5", output_rate: "20" },
      { service_tier: "priority", min_input_tokens: 0, input_rate: "4.25", output_rate: "17" },
    ],
  });
  deepEqual(services[1]?.prices, [{
    service_tier: "standard",
    min_input_tokens: 0,
    unit_rates: { second: 0.0001 },
  }]);
  deepEqual(services[2]?.prices, [{
    service_tier: "standard",
    min_input_tokens: 0,
    unit_rates: { character: 0.000015 },
  }]);
});

Deno.test("models.dev: a zero for no cache is none, tiers begin above their size", () => {
  deepEqual(
    modelsDev.read({
      togetherai: {
        id: "togetherai",
        models: {
          "a/b": {
            id: "a/b",
            name: "B",
            cost: {
              input: 0.3,
              output: 1.2,
              cache_read: 0,
              context_over_200k: { input: 0.6, output: 2.4 },
            },
            limit: { context: 1000, output: 0 },
            modalities: { input: ["text"], output: ["text"] },
          },
          "free": { id: "free" },
        },
      },
      nowhere: { id: "nowhere", models: {} },
    }),
    [{
      vendor_id: "together_ai",
      service_name: "a/b",
      display_name: "B",
      service_kind: "chat",
      context_window: 1000,
      prices: [
        { min_input_tokens: 0, input_rate: "0.3", output_rate: "1.2" },
        { min_input_tokens: 200001, input_rate: "0.6", output_rate: "2.4" },
      ],
    }],
  );
});

Deno.test("openrouter: prices per token, without routers, aliases and placeholder limits", () => {
  const model = { context_length: 1000, top_provider: { max_completion_tokens: 900 } };
  deepEqual(
    openrouter.read({
      data: [
        {
          ...model,
          id: "a/b",
          canonical_slug: "a/b-2026",
          name: "A: B",
          pricing: {
            prompt: "0.00000100000000000000015",
            completion: "0.000002",
            request: "0",
            internal_reasoning: "0",
            input_cache_read: "0.0000001",
          },
          expiration_date: "2027-01-01T00:00:00Z",
        },
        { ...model, id: "~a/latest", pricing: { prompt: "1", completion: "1" } },
        { ...model, id: "openrouter/auto", pricing: { prompt: "-1", completion: "-1" } },
      ],
    }),
    [{
      vendor_id: "openrouter",
      service_name: "a/b",
      display_name: "B",
      service_kind: "chat",
      context_window: 1000,
      retired_on: "2027-01-01",
      aliases: ["a/b-2026"],
      prices: [{
        min_input_tokens: 0,
        input_rate: "1.00000000000000015",
        output_rate: "2",
        cached_input_rate: "0.1",
      }],
    }],
  );
});

Deno.test("a list that cannot be read is refused with the reason", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  const answer = (response: Response): typeof fetch => () => Promise.resolve(response);
  const read = (from: string, file: string | null, fetch: typeof globalThis.fetch) =>
    readList({ from, file, asOf: null, fetch });
  const none = answer(new Response(null));
  await rejects(read("litellm", `${folder}/missing`, none), /Cannot read ".*missing"/);
  await rejects(read("litellm", await write("a", "<html>"), none), /it is not JSON/);
  await rejects(
    read("openrouter", await write("b", '{"models": []}'), none),
    /Cannot read the list openrouter: data:/,
  );
  await rejects(
    read("models.dev", null, answer(new Response("gone", { status: 404 }))),
    /the server answered 404/,
  );
  await rejects(
    read("models.dev", null, () => Promise.reject(new TypeError("no network"))),
    /no network.*--file/,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a list is planned, and applied as a whole or not at all", async () => {
  const database = await startTemporaryDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await applyMigrations({ url: database.url, seed: true });
    // As on the day of the seed's prices: a fresh stack needs no attention.
    await sql`
      update public.service_prices
      set verified_on = verified_on + (current_date - date '2026-11-20')`;
    await sql`
      update public.vendor_services
      set retired_on = retired_on + (current_date - date '2026-11-20')`;
    const fresh = await readReport(sql, 90, 60);
    deepEqual([needsAttention(fresh), fresh.prices.old.length > 0], [false, true]);
    match(reportLines(fresh).at(-1) ?? "", /^No agent uses/);
    await sql`
      insert into public.agents (name, vendor_id, service_id, is_platform)
      values ('voice', 'elevenlabs', 'elevenlabs_eleven_v3', true)`;
    const used = await readReport(sql, 90, 60);
    match(reportLines(used).join("\n"), /elevenlabs_eleven_v3; used by 1 agent\n/);
    equal(needsAttention(used), true);
    await sql`
      update public.service_prices
      set verified_on = verified_on - (current_date - date '2026-11-20')`;
    equal(
      packageJson.devDependencies["@pydantic/genai-prices"],
      installedPrices.version,
      "then its day of release is that of the new version",
    );
    const installed = await readList({ from: "genai-prices", file: null, asOf: null, fetch });
    const options = { add: ["openai/gpt-5.1"], allow: [] };
    const planned = await runImport(sql, "plan", installed, options);
    equal(planned.find(({ change }) => change === "add")?.service_id, "openai_gpt_5_1");
    await runImport(sql, "apply", installed, options);
    const [added] = await sql`
      select input_rate::text, source from public.service_prices where service_id = 'openai_gpt_5_1'
      and min_input_tokens = 0 and valid_during @> now()`;
    deepEqual(added, { input_rate: "1.25000000", source: "import: genai-prices 2026-09-23" });
    const again = await runImport(sql, "plan", installed, options);
    deepEqual(
      new Set(again.map(({ change }) => change)),
      new Set(["keep"]),
      "an older list keeps what was verified later",
    );

    const list = (rate: string): PriceList => ({
      source: "test",
      as_of: "2026-12-24",
      services: [{
        vendor_id: "openai",
        service_name: "gpt-4o",
        prices: [{ input_rate: rate, output_rate: "12" }],
      }],
    });
    const lines = planTable(await runImport(sql, "plan", list("3"), options), [], false);
    match(
      lines[1] ?? "",
      /^openai\/gpt-4o {2}price {3}in 2\.5 → 3, out 10 → 12, cached 1\.25 → none {2}\d{4}-/,
    );
    const jump = await runImport(sql, "plan", list("30"), options);
    match(planTable(jump, [], false)[1] ?? "", /STOPPED: --allow jump$/);
    equal(countChanges(jump), "1 price.");
    await rejects(runImport(sql, "apply", list("30"), options), /--allow jump/);
    await rejects(
      runImport(sql, "apply", list("-3"), options),
      (error) =>
        error instanceof ListRefused &&
        error.problems.join().startsWith("openai/gpt-4o has the input_rate"),
    );
    await runImport(sql, "apply", list("30"), { add: [], allow: ["jump"] });
    const report = await readReport(sql, 90, 90);
    match(reportLines(report).join("\n"), /The last import was test of 2026-12-24\./);
  } finally {
    await sql.end();
    await database.stop();
  }
});
