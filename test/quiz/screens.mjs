/**
 * Writes what a user sees of every sample: the screens of the real program in a real terminal (tmux), as text.
 *
 *   node test/quiz/screens.mjs FOLDER [NAME…]
 *
 * One file a sample: overview, findings, connections, and each of its first connections with its ladder, page by page. Somebody
 * who has only these files answers test/quiz/questions.json (README.md beside this file).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const WIDTH = 120;
const HEIGHT = 40;
const MOST_CONNECTIONS = 6;
const MOST_FINDINGS = 8;
const MOST_PAGES = 8;
const root = new URL("../../", import.meta.url).pathname;
const [folder, ...names] = process.argv.slice(2);
if (!folder) throw new Error("usage: node test/quiz/screens.mjs FOLDER [NAME…]");

/** A server of its own: others may be running theirs. */
const server = `quiz-${process.pid}`;
const tmux = (...args) =>
  execFileSync("tmux", ["-L", server, "-f", "/dev/null", ...args], { encoding: "utf8" });

/** Presses keys and returns the screen once it has changed, or has not for long, and has come to rest. */
async function press(...keys) {
  const look = () => tmux("capture-pane", "-p", "-t", "quiz");
  const old = look();
  for (const key of keys) tmux("send-keys", "-t", "quiz", key);
  let before = "";
  for (let tries = 0; tries < 40; tries++) {
    await sleep(120);
    const screen = look();
    const isAnswered = screen !== old || tries >= (keys.length > 0 ? 10 : 1);
    if (isAnswered && screen === before && screen.trim() !== "" && !/reading the segments/.test(screen))
      return screen.trimEnd();
    before = screen;
  }
  return before.trimEnd();
}

async function screensOf(file) {
  const command = `cd '${root}' && node dist/cli.js captures/${file}; sleep 600`;
  tmux("new-session", "-d", "-s", "quiz", "-x", String(WIDTH), "-y", String(HEIGHT), command);
  try {
    // Only what was read to its end is asked about.
    for (let tries = 0; tries < 100 && !/^ done/m.test(tmux("capture-pane", "-p", "-t", "quiz")); tries++)
      await sleep(100);
    await sleep(500);
    const screens = [["overview", await press()]];
    let findings = await press("4");
    for (let number = 1; number <= MOST_FINDINGS; number++) {
      screens.push([`findings, finding ${number} unfolded`, findings]);
      const next = await press("Down");
      if (next === findings) break;
      findings = next;
    }
    screens.push(["connections", await press("2")]);
    for (let connection = 1; connection <= MOST_CONNECTIONS; connection++) {
      let page = await press("Enter");
      if (!/state\s+client/.test(page)) break;
      screens.push([`connection ${connection}`, page]);
      page = await press("z");
      for (let number = 1; number <= MOST_PAGES; number++) {
        screens.push([`connection ${connection}, ladder page ${number}`, page]);
        const next = await press("PageDown");
        if (next === page) break;
        page = next;
      }
      await press("z");
      const list = await press("Escape");
      const moved = await press("Down");
      if (moved === list) break;
    }
    return screens.map(([title, text]) => `===== ${title} =====\n${text}\n`).join("\n");
  } finally {
    tmux("kill-session", "-t", "quiz");
  }
}

// A session that stays: without one the tmux server ends with each capture, and may meet the next as it goes.
tmux("new-session", "-d", "-s", "stays");
mkdirSync(folder, { recursive: true });
const files = readdirSync(join(root, "captures")).filter((file) => /\.pcap(ng)?$/.test(file));
for (const file of files) {
  const name = file.replace(/\.pcap(ng)?$/, "");
  if (names.length > 0 && !names.includes(name)) continue;
  writeFileSync(join(folder, `${name}.txt`), await screensOf(file));
}
tmux("kill-server");
