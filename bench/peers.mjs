/**
 * The programs of the comparison: this one in its ways of running, and the peers, each with the command that makes it
 * do the nearest thing. What is not installed stays in the list and is named as absent.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const PCAP_PARSER = fileURLToPath(new URL("../node_modules/pcap-parser/package.json", import.meta.url));
const PCAP_PARSER_READER = fileURLToPath(new URL("read-with-pcap-parser.mjs", import.meta.url));

/** What is said when this program has not been built. */
export const NOT_BUILT =
  "dist/cli.js does not exist: run `npm run build` first; only the peers are measured.";

/**
 * A program with the way it is run.
 * @typedef {object} Contender
 * @property {string} label as in the table
 * @property {boolean} isOurs this program
 * @property {string | null} absence why it cannot run at all, null when it can
 * @property {readonly string[]} formats which files it can read
 * @property {(path: string) => readonly string[]} command for one file
 */

const EVERY_FORMAT = ["pcap", "pcapng"];

/** @returns {boolean} whether this program has been built */
export function isBuilt() {
  return existsSync(CLI);
}

/** @param {readonly string[]} args @returns {readonly string[]} this program with these arguments */
export function ourCommand(...args) {
  return [process.execPath, CLI, ...args];
}

/**
 * @param {import("./generate.mjs").Kind} kind of trace
 * @returns {Contender[]} this program's ways of reading it; the first is what the peers' ratios refer to
 */
export function ourContenders(kind) {
  if (!isBuilt()) return [];
  return (kind.ways ?? usualWays()).map((args) => ({
    label: `tcpflow-analyze ${args.join(" ")}`,
    isOurs: true,
    absence: null,
    formats: EVERY_FORMAT,
    command: (path) => ourCommand(path, ...args),
  }));
}

function usualWays() {
  return [
    ["--json", "--connections", "0", "--threads", "1"],
    ["--format", "text", "--threads", "1"],
    ["--json", "--connections", "0", "--threads", "2"],
  ];
}

/** @returns {Contender[]} the peers, absent ones included */
export function peerContenders() {
  // As root, tcpdump would hand its output file, here /dev/null, to the user that it changes to.
  const stayRoot = process.getuid?.() === 0 ? ["-Z", "root"] : [];
  return [
    installed("tcpdump", "tcpdump -r F -w /dev/null", EVERY_FORMAT, (path) => {
      return ["tcpdump", ...stayRoot, "-r", path, "-w", "/dev/null"];
    }),
    pcapParser(),
    installed("argus", "argus -r F -w /dev/null", EVERY_FORMAT, (path) => {
      return ["argus", "-r", path, "-w", "/dev/null"];
    }),
    installed("tcptrace", "tcptrace -n F", EVERY_FORMAT, (path) => ["tcptrace", "-n", path]),
    installed("tshark", "tshark -q -z conv,tcp -r F", EVERY_FORMAT, (path) => {
      return ["tshark", "-q", "-z", "conv,tcp", "-r", path];
    }),
  ];
}

function installed(program, label, formats, command) {
  const absence = isOnPath(program) ? null : "not installed";
  return { label, isOurs: false, absence, formats, command };
}

function pcapParser() {
  const absence = existsSync(PCAP_PARSER) ? null : "not installed";
  const command = (path) => [process.execPath, PCAP_PARSER_READER, path];
  return { label: "pcap-parser (reading alone)", isOurs: false, absence, formats: ["pcap"], command };
}

/** @param {string} program a name @returns {boolean} whether a folder of PATH or a system folder holds it */
export function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @returns {string[]} one line for every installed peer: its version, as it says it */
export function peerVersions() {
  const asked = [
    ["tcpdump", "--version"],
    ["argus", "-h"],
    ["tcptrace", "-v"],
    ["tshark", "--version"],
  ];
  const lines = [];
  for (const [program, argument] of asked) {
    if (!isOnPath(program)) continue;
    const answer = spawnSync(program, [argument], { encoding: "utf8" });
    const text = `${answer.stdout}\n${answer.stderr}`.split("\n").find((line) => /\d\.\d/.test(line));
    lines.push(text ? text.trim() : `${program}, version unknown`);
  }
  if (existsSync(PCAP_PARSER))
    lines.push(`pcap-parser ${JSON.parse(readFileSync(PCAP_PARSER, "utf8")).version}`);
  return lines;
}
