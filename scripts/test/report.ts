import type { Layer } from "./layer.ts";
import type { Results } from "./results.ts";

/** The line of a layer that has run, and beneath it what failed or could not run. */
export function layerReport(layer: Layer, results: Results, milliseconds: number): string {
  const counts = `${results.passed} passed, ${results.failures.length} failed`;
  const lines = [
    `  ${layer.name.padEnd(12)} ${counts.padEnd(24)} ${
      seconds(milliseconds).padStart(7)
    }   ${layer.covers}`,
    ...results.notes.map((note) => `      ${note}`),
    ...results.notRun.map((what) => `    ! NOT RUN: ${what}`),
    ...results.failures.flatMap((failure) => [
      `    ✗ ${failure.name}`,
      ...failure.detail.trim().split("\n").filter((line) => line !== "").map((line) =>
        `        ${line}`
      ),
    ]),
  ];
  return lines.join("\n");
}

/** The end of the report; its last line is `N passed, N failed` and nothing else. */
export function summary(allResults: readonly Results[], milliseconds: number): string {
  const failed = allResults.reduce((sum, results) => sum + results.failures.length, 0);
  const passed = allResults.reduce((sum, results) => sum + results.passed, 0);
  const notRun = allResults.flatMap((results) => results.notRun);
  return [
    "",
    ...(notRun.length === 0 ? [] : [`${notRun.length} NOT RUN on this machine:`]),
    ...notRun.map((what) => `  ! ${what}`),
    `Took ${seconds(milliseconds)}`,
    `${passed} passed, ${failed} failed`,
  ].join("\n");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
