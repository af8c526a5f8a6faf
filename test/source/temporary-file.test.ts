/** The file for records that memory has no room for: what it gives back, and that nothing of it is left. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SourceError } from "../../src/source/source.js";
import { TemporaryFile } from "../../src/source/temporary-file.js";

const folder = mkdtempSync(join(tmpdir(), "temporary-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const canUnlinkOpenFiles = process.platform !== "win32";

describe("a temporary file", () => {
  it("gives back what was written, in any order", () => {
    const file = new TemporaryFile(folder);
    const blocks = [1, 2, 3].map((value) => new Uint8Array(70_000).fill(value));
    blocks.forEach((block, i) => {
      file.write(block, i * block.length);
    });
    const into = new Uint8Array(70_000);
    for (const i of [2, 0, 1]) {
      file.read(into, i * into.length);
      expect(into).toEqual(blocks[i]);
    }
    file.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(canUnlinkOpenFiles)("has no name while it is open", () => {
    const file = new TemporaryFile(folder);
    file.write(new Uint8Array(10), 0);
    expect(readdirSync(folder)).toEqual([]);
    file.close();
  });

  it("is a sentence where more is read than was written", () => {
    const file = new TemporaryFile(folder);
    file.write(new Uint8Array(10), 0);
    expect(() => file.read(new Uint8Array(11), 0)).toThrow(SourceError);
    file.close();
    expect(() => file.read(new Uint8Array(10), 0)).toThrow(/^the temporary file: could not be read/);
  });

  it("says in a clause why it cannot be opened", () => {
    writeFileSync(join(folder, "plain"), "");
    expect(() => new TemporaryFile(join(folder, "none"))).toThrow(
      `${join(folder, "none")}, the directory for temporary files, does not exist`,
    );
    expect(() => new TemporaryFile(join(folder, "plain"))).toThrow("is not a directory");
  });

  // Nobody, root included, makes files there.
  it.runIf(existsSync("/sys/kernel"))("says so where it may not be written", () => {
    expect(() => new TemporaryFile("/sys/kernel")).toThrow(
      "/sys/kernel, the directory for temporary files, ",
    );
  });
});
