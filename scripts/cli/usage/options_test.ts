import { deepEqual, equal, throws } from "node:assert/strict";
import { CommandError } from "../../common/command-error.ts";
import { parseUsageOptions } from "./options.ts";
import { findSource } from "./source.ts";

Deno.test("without arguments the report covers the last 30 days of all organizations", () => {
  deepEqual(parseUsageOptions([]), {
    days: 30,
    from: null,
    to: null,
    organization: null,
    url: null,
    json: false,
    html: null,
  });
});

Deno.test("options are read as given, and an address loses its last slash", () => {
  const options = parseUsageOptions([
    "--from=2026-01-31",
    "--to=2026-02-28",
    "--organization=acme",
    "--url=https://ref.supabase.co/",
    "--html=out.html",
    "--json",
  ]);
  deepEqual([options.from, options.to, options.organization], ["2026-01-31", "2026-02-28", "acme"]);
  deepEqual([options.url, options.html, options.json], [
    "https://ref.supabase.co",
    "out.html",
    true,
  ]);
  equal(parseUsageOptions(["--days", "7", "--to", "2026-02-28"]).days, 7);
});

Deno.test("an invalid option is refused by its name", () => {
  const wrong: [string[], RegExp][] = [
    [["--days", "0"], /--days "0" is not a whole number/],
    [["--days", "1e3"], /--days "1e3"/],
    [["--days", "x"], /--days "x"/],
    [["--days", "3661"], /--days "3661" is not a whole number from 1 to 3660/],
    [["--from", "0001-01-01"], /--from "0001-01-01" is before 1970-01-01/],
    [["--to", "1969-12-31"], /--to "1969-12-31" is before 1970-01-01/],
    [["--days", "7", "--from", "2026-01-01"], /--days and --from/],
    [["--from", "2026-02-30"], /--from "2026-02-30" is not a day/],
    [["--from", "2026-02-02", "--to", "2026-02-01"], /is after --to/],
    [["--url", "file:///etc/passwd"], /--url "file:/],
    [["--html="], /--html has no value/],
    [["--weeks", "3"], /--weeks/],
    [["30"], /'30'/],
  ];
  for (const [args, reason] of wrong) {
    throws(() => parseUsageOptions(args), (error) => {
      return error instanceof CommandError && reason.test(error.message) &&
        error.message.startsWith("Cannot read the arguments: ");
    }, args.join(" "));
  }
});

Deno.test("a project named in the environment comes before the stack, and needs its key", async () => {
  const environment = { API_URL: "https://ref.supabase.co", SECRET_KEY: "sb_secret_x" };
  deepEqual(await findSource(null, environment), {
    url: "https://ref.supabase.co",
    secretKey: "sb_secret_x",
  });
  const replica = { ...environment, READ_DATABASE_URL: "postgresql://replica/postgres" };
  deepEqual(await findSource(null, replica), { databaseUrl: "postgresql://replica/postgres" });
  deepEqual(await findSource("http://127.0.0.1:1", replica), {
    url: "http://127.0.0.1:1",
    secretKey: "sb_secret_x",
  });
  const folder = await Deno.makeTempDir();
  const refused = async (url: string | null, given: Record<string, string>) => {
    const error = await findSource(url, { STACK_DIR: folder, ...given }).catch((error) => error);
    return error instanceof CommandError ? error.message : "";
  };
  equal(
    (await refused("https://ref.supabase.co", {})).split(".").at(-3)?.trim(),
    `co": its secret key is missing`,
  );
  equal(
    await refused(null, {}),
    `Cannot report on "${folder}": no stack is running there. Start one with "npm start", or name a project with API_URL and SECRET_KEY.`,
  );
  await Deno.remove(folder);
});
