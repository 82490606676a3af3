import type { Layer } from "./layer.ts";
import type { Tally } from "./tally.ts";

/** The line of a layer that has run, and beneath it what failed or could not run. */
export function layerReport(layer: Layer, tally: Tally, milliseconds: number): string {
  const counts = `${tally.passed} passed, ${tally.failures.length} failed`;
  const lines = [
    `  ${layer.name.padEnd(12)} ${counts.padEnd(24)} ${
      seconds(milliseconds).padStart(7)
    }   ${layer.covers}`,
    ...tally.notes.map((note) => `      ${note}`),
    ...tally.notRun.map((what) => `    ! NOT RUN: ${what}`),
    ...tally.failures.flatMap((failure) => [
      `    ✗ ${failure.name}`,
      ...failure.detail.trim().split("\n").filter((line) => line !== "").map((line) =>
        `        ${line}`
      ),
    ]),
  ];
  return lines.join("\n");
}

/** The end of the report; its last line is `N passed, N failed` and nothing else. */
export function summary(tallies: readonly Tally[], milliseconds: number): string {
  const failed = tallies.reduce((sum, tally) => sum + tally.failures.length, 0);
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const notRun = tallies.flatMap((tally) => tally.notRun);
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
