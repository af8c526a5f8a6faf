/**
 * Writes the text report of each capture of findings.json, under a name that tells nothing, and the questions without answers.
 *
 *   node test/quiz/reports.mjs FOLDER
 *
 * Somebody who has only these files answers them from the findings (README.md beside this file).
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;
const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node test/quiz/reports.mjs FOLDER");

const questions = JSON.parse(readFileSync(new URL("findings.json", import.meta.url), "utf8"));
const copies = mkdtempSync(join(tmpdir(), "quiz-"));
mkdirSync(folder, { recursive: true });
for (const { name, file } of questions) {
  // The report names its capture: by a copy that has the question's name.
  const copy = name + file.slice(file.lastIndexOf("/") + 1).replace(/^[^.]*/, "");
  copyFileSync(join(root, file), join(copies, copy));
  const report = execFileSync(process.execPath, [join(root, "dist/cli.js"), "--text", copy], {
    cwd: copies,
    encoding: "utf8",
  });
  writeFileSync(join(folder, `${name}.txt`), report);
}
writeFileSync(
  join(folder, "questions.txt"),
  questions.map(({ name, question }) => `${name} (${name}.txt): ${question}\n`).join(""),
);
rmSync(copies, { recursive: true });
