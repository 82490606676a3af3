/** `npm run doctor`: says what is wrong with the settings of a deployment. */
import { runMain } from "../../common/run-main.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { functionsEnvironment } from "./environment.ts";
import { examine } from "./examine.ts";
import { doctorHelp, type DoctorOptions, parseDoctorOptions } from "./options.ts";

await runMain({ help: doctorHelp, parse: parseDoctorOptions, run: check });

async function check({ envFile, json }: DoctorOptions): Promise<number> {
  const environment = Deno.env.toObject();
  const { folder } = readSettings(environment);
  const variables = await functionsEnvironment(envFile, environment);
  const findings = await examine(variables, folder);
  const worst = (["error", "warning"] as const)
    .find((status) => findings.some((finding) => finding.status === status)) ?? "ok";
  if (json) console.log(JSON.stringify({ status: worst, findings }, null, 2));
  for (const { check, status, message } of json ? [] : findings) {
    console.log(`${status.padEnd(8)}${check.padEnd(12)}${message}`);
  }
  return worst === "error" ? 1 : 0;
}
