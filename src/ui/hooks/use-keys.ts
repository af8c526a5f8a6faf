/**
 * Keys to commands: reads the keyboard and looks each key up in the key table for the screen that is shown.
 *
 * Keys that arrive together are handled one after the other, each after the frame that the one before has caused: a
 * key must meet the screen that its predecessor leads to.
 */
import { useInput } from "ink";
import { useLayoutEffect, useRef, useState } from "react";
import type { ConnectionRecord } from "../../report/record.js";
import { type Command, commandOf, readKeys, type ScreenName } from "../keys.js";

/** What only the program around the screens can do. */
export interface Actions {
  readonly quit: () => void;
  /** Ctrl-C: stops the reading and quits. */
  readonly interrupt: () => void;
  readonly suspend: () => void;
  readonly redraw: () => void;
  /** Saves a connection as a file; fulfilled with a sentence that says where, or why not. */
  readonly save: (record: ConnectionRecord, form: "pcap" | "json") => Promise<string>;
  /** Gives a text to the clipboard. */
  readonly copy: (text: string) => void;
}

/** Where keys go. */
export interface KeyHandlers {
  /** The screen whose keys are valid. */
  readonly screen: ScreenName;
  /** Whether something is captured or followed. */
  readonly isLive: boolean;
  readonly onCommand: (command: Command) => void;
  /** Takes a key before it is looked up, as while text is typed; true where that was all. */
  readonly onKey: (key: string) => boolean;
  /** Whether a command has to wait for data that is on its way; asked again after each frame. */
  readonly mustWait: (command: Command) => boolean;
}

/** Reads keys for as long as the component is shown. */
export function useKeys(handlers: KeyHandlers): void {
  const latest = useRef(handlers);
  const waiting = useRef<string[]>([]);
  const isBusy = useRef(false);
  const [handled, setHandled] = useState(0);
  const settled = useRef(handled);

  const pump = (): void => {
    const key = waiting.current[0];
    if (isBusy.current || key === undefined) return;
    const { screen, isLive, onCommand, onKey, mustWait } = latest.current;
    const command = commandOf(key, screen, isLive);
    const isTaken = onKey(key);
    if (!isTaken && command !== null && mustWait(command)) return;
    waiting.current.shift();
    isBusy.current = true;
    if (!isTaken && command !== null) onCommand(command);
    // Shown in the same frame as what the key has changed, or later: the mark for the next key to go.
    setHandled((count) => count + 1);
  };

  useLayoutEffect(() => {
    latest.current = handlers;
    if (settled.current !== handled) isBusy.current = false;
    settled.current = handled;
    if (!isBusy.current && waiting.current.length > 0) setImmediate(pump);
  });

  useInput((input, key) => {
    const keys = readKeys(input, key);
    // The way out is never behind anything that waits.
    if (keys.includes("ctrl-c")) latest.current.onCommand("interrupt");
    else waiting.current.push(...keys);
    pump();
  });
}
