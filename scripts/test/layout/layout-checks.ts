import { findLooseDatabaseTests } from "./loose-database-tests.ts";
import { findMissingFiles } from "./missing-files.ts";
import { findChangedReleases } from "../../common/released-migrations.ts";
import { findMissingTests } from "./missing-tests.ts";
import { findMachinePaths } from "./machine-paths.ts";
import { findMisnamedMigrations } from "./misnamed-migrations.ts";
import { findOverlongBodies } from "./overlong-bodies.ts";
import { findBrokenLinks } from "./broken-links.ts";
import { findUndeclaredFunctions } from "./undeclared-functions.ts";
import { findDeadLinks } from "./dead-links.ts";
import { findForwardReferences } from "./forward-references.ts";
import { findImportCycles } from "./import-cycles.ts";
import { findLongMigrations, findLongSources } from "./long-files.ts";
import { findRetiredWords } from "./retired-words.ts";
import { findScriptImports } from "./script-layers.ts";
import { findUnlistedChapters } from "./unlisted-chapters.ts";
import { findUnraisedCodes } from "./unraised-codes.ts";
import { findUnqualifiedArguments } from "./unqualified-arguments.ts";
import { findUpperCaseSql } from "./upper-case-sql.ts";
import { findWideLines } from "./wide-lines.ts";
import { findUnpinnedPackages } from "./unpinned-packages.ts";
import { findUndocumentedCommands } from "./undocumented-commands.ts";
import { findUnshippedImports } from "./unshipped-imports.ts";
import { findUnusedExports } from "./unused-exports.ts";
import { findUnverifiedPackages } from "./unverified-packages.ts";
import { findUpwardImports } from "./upward-imports.ts";

/** A rule about the files of the project, and how to find violations. */
export interface LayoutCheck {
  name: string;
  /** One line for each violation. */
  find(root: string): Promise<string[]>;
  /** Some files still violate it: violations are counted and not enforced until none is left. */
  isPending?: true;
}

/** All checks of the layout, in the order of the report. */
export const layoutChecks: readonly LayoutCheck[] = [
  { name: "links of supabase/ lead to the root", find: findBrokenLinks },
  { name: "every edge function is declared in config.toml", find: findUndeclaredFunctions },
  { name: "imports of functions/ point down", find: findUpwardImports },
  { name: "imports between the rooms of scripts/ point where they may", find: findScriptImports },
  { name: "imports form no cycle", find: findImportCycles },
  { name: "functions import only what is deployed with them", find: findUnshippedImports },
  { name: "what a file exports is used by another", find: findUnusedExports },
  { name: "versions of packages are exact, and justified", find: findUnpinnedPackages },
  { name: "package-lock.json has a digest of every package", find: findUnverifiedPackages },
  { name: "migrations are named <14 digits>_<name>.sql", find: findMisnamedMigrations },
  { name: "released migrations stay as they are", find: findChangedReleases },
  { name: "no SQL body is longer than 60 lines", find: findOverlongBodies },
  { name: "database tests lie at <area>/<subject>/<claim>.sql", find: findLooseDatabaseTests },
  { name: "docs/failure-modes.md names tests that exist", find: findMissingTests },
  { name: "docs/architecture.md lists every chapter", find: findUnlistedChapters },
  {
    name: "the README lists the commands of package.json, and pages name no others",
    find: findUndocumentedCommands,
  },
  { name: "pages name files that exist", find: findMissingFiles },
  { name: "links between pages lead somewhere", find: findDeadLinks },
  { name: "pages and comments use no retired words of docs/glossary.md", find: findRetiredWords },
  { name: "no file names a machine", find: findMachinePaths },
  { name: "no source file has more than 400 lines", find: findLongSources },
  { name: "SQL is in lower case", find: findUpperCaseSql },
  { name: "no line of a migration has more than 100 columns", find: findWideLines },
  { name: "no migration has more than 400 lines", find: findLongMigrations },
  { name: "every registered error code is raised somewhere", find: findUnraisedCodes },
  { name: "no migration refers to a later one", find: findForwardReferences },
  {
    name: "arguments of SQL functions are qualified",
    find: findUnqualifiedArguments,
  },
];
