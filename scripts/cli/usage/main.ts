/**
 * `npm run usage`: what the agents were used for and what it cost, in the terminal, as JSON or as a page.
 */
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { reportAsJson } from "./json.ts";
import { parseUsageOptions, usageHelp, type UsageOptions } from "./options.ts";
import { usagePage } from "./page/page.ts";
import { readUsage } from "./read-usage.ts";
import { findSource } from "./source.ts";
import { terminalReport } from "./terminal/terminal-report.ts";

await runMain({ help: usageHelp, parse: parseUsageOptions, run: show });

async function show(options: UsageOptions): Promise<void> {
  const environment = Deno.env.toObject();
  const report = await readUsage(await findSource(options.url, environment), options);
  if (options.html !== null) await writePage(options.html, usagePage(report));
  if (options.json) return console.log(reportAsJson(report));
  const isTerminal = Deno.stdout.isTerminal();
  console.log(terminalReport(report, {
    columns: isTerminal ? Deno.consoleSize().columns : 100,
    colors: isTerminal && !Deno.noColor,
  }));
  if (options.html !== null) console.log(`\nThe page is in "${options.html}".`);
}

async function writePage(file: string, page: string): Promise<void> {
  try {
    await Deno.writeTextFile(file, page);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such folder"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new CommandError(`Cannot write "${file}": ${reason}. Choose another file with --html.`);
  }
}
