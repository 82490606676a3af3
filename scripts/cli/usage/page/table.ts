import { type Html, html } from "./html.ts";

/** The numbers behind a chart, exact, in a table that is folded away at first. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Html {
  return html`
    <details>
      <summary>Numbers</summary>
      <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
        <table>
          <caption>${caption}</caption>
          <thead>
            <tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr>
          </thead>
          <tbody>
    ${rows.map(([name = "", ...cells]) =>
      html`
        <tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
      `
    )}</tbody>
        </table>
      </div>
    </details>
  `;
}
