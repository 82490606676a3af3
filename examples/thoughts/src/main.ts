/// <reference lib="dom" />
import { drawTree } from "./drawing.ts";
import { type Execution, listExecutions, readTree, supabase, watch } from "./executions.ts";

const element = <Kind extends Element>(selector: string) => document.querySelector<Kind>(selector)!;
const account = element<HTMLFormElement>("#account");
let stopWatching = () => {};

/** Pause before what failed is done again, in milliseconds. */
const retryPause = 2_000;

/** Does something and shows why it failed, if it did. @returns whether it succeeded */
async function attempt(work: () => Promise<void>): Promise<boolean> {
  element("#problem").textContent = "";
  try {
    await work();
    return true;
  } catch (error) {
    element("#problem").textContent = error instanceof Error ? error.message : String(error);
    return false;
  }
}

/** Runs at most once at a time, once more for all calls in between, and again after a failure. */
function coalesced(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      if (!await attempt(work)) setTimeout(run, retryPause);
    }
    isRunning = false;
  };
  return run;
}

function open(execution: Execution): void {
  stopWatching();
  let isOpen = true;
  element("h1").textContent = execution.label;
  const draw = coalesced(async () => {
    if (!isOpen) return;
    const { status, nodes } = await readTree(execution.id);
    if (!isOpen) return;
    element("#status").textContent = status;
    drawTree(element<SVGSVGElement>("#tree"), nodes);
  });
  const unsubscribe = watch(execution, draw);
  stopWatching = () => {
    isOpen = false;
    unsubscribe();
  };
}

async function showExecutions(): Promise<void> {
  const buttons = (await listExecutions()).map((execution) => {
    const button = document.createElement("button");
    button.textContent = execution.label;
    button.onclick = () => open(execution);
    return button;
  });
  element("#executions").replaceChildren(...buttons);
}

account.onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => {
    const given = new FormData(account);
    const { error } = await supabase.auth.signInWithPassword({
      email: String(given.get("email")),
      password: String(given.get("password")),
    });
    if (error) throw error;
    account.style.display = "none";
    await showExecutions();
  });
};

element<HTMLButtonElement>("#refresh").onclick = () => attempt(showExecutions);
