/**
 * One connection as a file of its own in the working directory, for the screens: its packets, or its ladder as JSON.
 *
 * No file that exists is touched: a name that is taken gets a number.
 */
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { basename } from "node:path";
import {
  type AnalysisView,
  type CaptureFileFormat,
  type ConnectionRecord,
  extractPackets,
  formatNumberOf,
  type InputOptions,
  jsonConnection,
  OtherLinkType,
  openCaptures,
  PacketSelection,
  type SavedForm,
} from "../index.js";
import { sentenceOf } from "./complaints.js";
import { sentenceOfSystem } from "./report-stream.js";
import { PROGRAM, programVersion } from "./version.js";

/** Names that are tried before it is given up. */
const MOST_TRIED = 1000;

/** Saves it in `folder` and says where, or why not, in one sentence. */
export async function saveConnection(
  files: readonly string[],
  analysis: Pick<AnalysisView, "ladder">,
  record: ConnectionRecord,
  form: SavedForm,
  folder = ".",
  input: InputOptions = {},
): Promise<string> {
  if (form === "pcap" && files.length === 0)
    return "packets that are captured are not kept: write them with -w, and save from that file";
  if (form === "pcap" && files.includes("-"))
    return "the input was a pipe: its packets were not kept, and cannot be saved";
  const stem = `${folder}/${stemOf(files, record)}`;
  try {
    return form === "json"
      ? await saveJson(stem, analysis, record)
      : await savePackets(files, input, stem, record);
  } catch (error) {
    return `not saved: ${sentenceOf(error) ?? sentenceOfSystem(error)}`;
  }
}

async function saveJson(
  stem: string,
  analysis: Pick<AnalysisView, "ladder">,
  { id }: ConnectionRecord,
): Promise<string> {
  const text = jsonConnection(await analysis.ladder(id), { name: PROGRAM, version: programVersion() });
  const { path, descriptor } = openNew(stem, "json");
  write(descriptor, path, () => writeSync(descriptor, text));
  return `saved as ${path}`;
}

async function savePackets(
  files: readonly string[],
  input: InputOptions,
  stem: string,
  record: ConnectionRecord,
): Promise<string> {
  try {
    return await savePacketsAs("pcap", files, input, stem, record);
  } catch (error) {
    // One interface may have another link type than the other, which only pcapng can say.
    if (!(error instanceof OtherLinkType)) throw error;
    return savePacketsAs("pcapng", files, input, stem, record);
  }
}

async function savePacketsAs(
  form: CaptureFileFormat,
  files: readonly string[],
  input: InputOptions,
  stem: string,
  record: ConnectionRecord,
): Promise<string> {
  const selection = new PacketSelection();
  selection.add(record);
  const pieces: Uint8Array[] = [];
  const capture = await openCaptures(files, input);
  const packets = await extractPackets(capture, selection, form, (piece) => void pieces.push(piece));
  const { path, descriptor } = openNew(stem, form);
  write(descriptor, path, () => {
    for (const piece of pieces) writeSync(descriptor, piece);
  });
  return `${formatNumberOf(packets, "packet")} saved as ${path}`;
}

function write(descriptor: number, path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    // Half a file would be taken for a whole one.
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Name of the capture and of the connection, of characters that every file system takes. */
function stemOf(files: readonly string[], { id }: ConnectionRecord): string {
  const [first = ""] = files;
  const name =
    first === "-" ? "stdin" : basename(first).replace(/(\.(pcap|pcapng|cap|dmp|gz|zst|lz4|xz))+$/i, "");
  return `${name}-${id}`.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[-.]+/, "");
}

function openNew(stem: string, ending: string): { path: string; descriptor: number } {
  for (let number = 1; ; number++) {
    const path = `${stem}${number === 1 ? "" : `-${number}`}.${ending}`;
    try {
      return { path, descriptor: openSync(path, "wx", 0o600) };
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!isTaken || number === MOST_TRIED) throw error;
    }
  }
}
