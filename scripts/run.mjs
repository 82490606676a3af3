/**
 * The entry point of every npm script: `node scripts/run.mjs <command> [arguments]` runs the `main.ts`
 * in the folder of that name, in scripts/ or one of its rooms, with the Deno from node_modules. It
 * first installs what package-lock.json pins where that is missing. It needs nothing but Node.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockFile = join(root, "package-lock.json");
const modules = join(root, "node_modules");
/** Holds the process id of the command that installs at this moment. */
const installLock = join(root, ".installing");
/** Remembers which package-lock.json the modules were installed from. */
const stamp = join(modules, ".installed-from");

const [command, ...args] = process.argv.slice(2);
/** Where the folders of commands lie. */
const rooms = ["", "cli", "test", "measure"];
const script = rooms.map((room) => join(root, "scripts", room, `${command}`, "main.ts"))
  .find(existsSync);

if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(`Cannot run on Node ${process.versions.node}: it is too old. Install Node 20 or later.`);
}
if (!/^[a-z]+(-[a-z]+)*$/.test(command ?? "") || script === undefined) {
  fail(`Cannot run "${command ?? ""}": there is no such command. "npm run" lists them.`);
}
if (existsSync(installLock) || !isInstalled()) await installOnce();
process.exit(await run(denoPath(), ["run", "--allow-all", script, ...args], process.cwd()));

/** Whether node_modules holds what package-lock.json says; cheap, since every command asks. */
function isInstalled() {
  const wanted = lockHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return true;
  // npm may have been run by hand: it leaves a lock file of its own behind.
  const npmStamp = join(modules, ".package-lock.json");
  const isNewer = existsSync(npmStamp) && statSync(npmStamp).mtimeMs >= statSync(lockFile).mtimeMs;
  if (isNewer) writeFileSync(stamp, wanted);
  return isNewer;
}

/** Installs unless another command does or has just done so: two installations destroy each other. */
async function installOnce() {
  await lockInstallation();
  const unlock = () => rmSync(installLock, { force: true });
  process.on("exit", unlock);
  if (!isInstalled()) await install();
  process.off("exit", unlock);
  unlock();
}

async function lockInstallation() {
  for (let isSaid = false;; isSaid = true) {
    try {
      return writeFileSync(installLock, String(process.pid), { flag: "wx" });
    } catch (error) {
      if (error.code !== "EEXIST") fail(`Cannot write "${installLock}": ${error.message}`);
    }
    removeIfAbandoned();
    if (!isSaid) console.log("Waiting for another command that installs the dependencies");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Removes the lock of a process that was killed. */
function removeIfAbandoned() {
  try {
    const owner = Number(readFileSync(installLock, "utf8"));
    // An empty file is that of a process which is about to write its id.
    if (owner === 0 || isRunning(owner)) return;
    const aside = `${installLock}.${process.pid}`;
    renameSync(installLock, aside);
    // Another process may have replaced the lock with its own in between: that one is restored.
    if (Number(readFileSync(aside, "utf8")) === owner) rmSync(aside);
    else renameSync(aside, installLock);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function isRunning(id) {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function install() {
  const startedAt = Date.now();
  console.log("Installing dependencies (npm ci): they are missing or older than package-lock.json");
  // Warnings are left out: some packages ask for a newer Node, though nothing here runs them in Node.
  const options = ["ci", "--loglevel=error", "--no-audit", "--no-fund"];
  const npm = process.env.npm_execpath;
  const code = npm?.endsWith(".js")
    ? await run(process.execPath, [npm, ...options], root)
    : await run("npm", options, root);
  if (code !== 0) fail(`Cannot install the dependencies: npm ended with code ${code}, see above.`);
  writeFileSync(stamp, lockHash());
  console.log(`Installed in ${((Date.now() - startedAt) / 1000).toFixed(0)} s\n`);
}

function lockHash() {
  return createHash("sha256").update(readFileSync(lockFile)).digest("hex");
}

/** The Deno binary itself: npm's wrapper for it would not pass signals on. */
function denoPath() {
  const binary = join(modules, "deno", "deno");
  if (existsSync(binary)) return binary;
  // The package puts it there after installation, unless install scripts are switched off.
  try {
    return createRequire(import.meta.url)(join(modules, "deno", "install_api.cjs")).runInstall();
  } catch (error) {
    fail(`Cannot find Deno for this platform: ${error.message}. Run "npm ci" and try again.`);
  }
}

/**
 * Runs a program in the foreground and passes on the signals that this process gets.
 *
 * @returns its exit code; 128 and more when a signal ended it, as in a shell.
 */
function run(program, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      stdio: "inherit",
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    });
    const pass = (signal) => child.kill(signal);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, pass);
    // npm runs scripts through a shell that may die of a signal without passing it on.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.env.npm_lifecycle_event && process.ppid !== parent) child.kill("SIGTERM");
    }, 250);
    child.on("error", (error) => fail(`Cannot run "${program}": ${error.message}`));
    child.on("exit", (code, signal) => {
      clearInterval(watch);
      for (const name of signals) process.off(name, pass);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
