/// <reference lib="dom" />
import { drawTree } from "./drawing.ts";
import { type Execution, listExecutions, readTree, supabase, watch } from "./executions.ts";

const element = <Kind extends Element>(selector: string) => document.querySelector<Kind>(selector)!;
const account = element<HTMLFormElement>("#account");
let stopWatching = () => {};

/** Does something and shows why it failed, if it did. */
async function attempt(work: () => Promise<void>): Promise<void> {
  element("#problem").textContent = "";
  try {
    await work();
  } catch (error) {
    element("#problem").textContent = error instanceof Error ? error.message : String(error);
  }
}

/** Runs at most once at a time, and once more for all calls in between. */
function coalesced(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await attempt(work);
    }
    isRunning = false;
  };
}

function open(execution: Execution): void {
  stopWatching();
  let isOpen = true;
  element("h1").textContent = execution.label;
  const draw = coalesced(async () => {
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
