/**
 * The pictures of README, taken from the real program in a real terminal: node docs/picture/make.mjs
 * Needs tmux and a built program (npm run build). It opens each capture below in a terminal of 100 columns and 30
 * rows, presses the keys, and writes what stands on the screen as SVG beside this file. Nothing is drawn by hand.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { screenToSvg } from "./screen-to-svg.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COLUMNS = 100;
const ROWS = 30;
/** A server of its own for each picture: one that is ending takes no new session. */
let server = "";
/** Longest wait for a screen to hold the words it must, and for it to stand still. */
const LIMIT_MS = 10_000;
const LOOK_MS = 150;

const samples = readdirSync(`${ROOT}captures`)
  .filter((name) => /\.pcap(ng)?$/.test(name))
  .map((name) => `captures/${name}`);

const PICTURES = [
  {
    name: "overview",
    title: "The overview of all sample captures, read as one",
    files: samples,
    keys: [],
    shows: "done",
  },
  {
    name: "connection",
    title: "The ladder of one connection whose first SYN was lost",
    files: ["captures/syn-lost.pcap"],
    keys: ["3"],
    shows: "SYN_SENT",
  },
  {
    name: "findings",
    title: "What was found in all sample captures, the worst first, one of them unfolded",
    files: samples,
    keys: ["4", "Down", "Down"],
    shows: "what to do",
  },
];

function tmux(...args) {
  return execFileSync("tmux", ["-L", server, "-f", "/dev/null", ...args], { cwd: ROOT, encoding: "utf8" });
}

/** The screen with its colours, once it holds `words` and has stopped changing. */
async function settledScreen(words) {
  let before = "";
  for (let waited = 0; waited < LIMIT_MS; waited += LOOK_MS) {
    await sleep(LOOK_MS);
    const screen = tmux("capture-pane", "-p", "-e", "-N");
    if (screen === before && screen.includes(words)) return screen;
    before = screen;
  }
  throw new Error(`the screen never held "${words}":\n${before}`);
}

async function take({ name, title, files, keys, shows }) {
  server = `picture-${process.pid}-${name}`;
  const command = [process.execPath, "dist/cli.js", ...files].map((word) => `'${word}'`).join(" ");
  const environment = "env -u NO_COLOR LANG=C.UTF-8 TERM=xterm-256color COLORTERM= TZ=UTC";
  tmux("new-session", "-d", "-x", String(COLUMNS), "-y", String(ROWS), `${environment} ${command}`);
  try {
    tmux("set", "-g", "status", "off");
    await settledScreen("done");
    for (const key of keys) tmux("send-keys", key);
    const screen = await settledScreen(shows);
    writeFileSync(
      new URL(`${name}.svg`, import.meta.url),
      screenToSvg(screen, { columns: COLUMNS, rows: ROWS, title }),
    );
    console.log(`docs/picture/${name}.svg`);
  } finally {
    tmux("kill-server");
  }
}

for (const picture of PICTURES) await take(picture);
