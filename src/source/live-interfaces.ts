/**
 * The interfaces of this machine that can be captured from, by name, with what is known of them. Needs no rights.
 */
import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { distance } from "fastest-levenshtein";
import { Libpcap } from "./live-libpcap.js";

export interface LocalInterface {
  readonly name: string;
  readonly isUp: boolean;
  readonly isLoopback: boolean;
  readonly addresses: readonly string[];
}

const SYSTEM_FOLDER = "/sys/class/net";
/** Flags of an interface (linux/if.h): up, and loopback. */
const IFF_UP = 1;
const IFF_LOOPBACK = 8;
/** Flags that libpcap gives (pcap.h). */
const PCAP_IF_LOOPBACK = 1;
const PCAP_IF_UP = 2;

/** All of them, in the order of the system; names that only libpcap knows (`any`) are at the end. */
export function localInterfaces(): LocalInterface[] {
  const addresses = networkInterfaces();
  const known = new Map<string, LocalInterface>();
  const add = (name: string, isUp: boolean, isLoopback: boolean): void => {
    const of = addresses[name] ?? [];
    if (!known.has(name))
      known.set(name, { name, isUp, isLoopback, addresses: of.map(({ cidr, address }) => cidr ?? address) });
  };
  for (const name of systemNames()) {
    const flags = flagsOf(name);
    add(name, (flags & IFF_UP) !== 0, (flags & IFF_LOOPBACK) !== 0);
  }
  // Elsewhere than on Linux: those with an address are up.
  for (const [name, of] of Object.entries(addresses)) add(name, true, of?.[0]?.internal ?? false);
  for (const { name, flags } of Libpcap.available()?.devices() ?? [])
    if (!OTHER_DEVICES.test(name)) add(name, (flags & PCAP_IF_UP) !== 0, (flags & PCAP_IF_LOOPBACK) !== 0);
  return [...known.values()];
}

/** What libpcap lists beside interfaces of a network. */
const OTHER_DEVICES = /^(nflog|nfqueue|dbus-|usbmon|bluetooth)/;

function systemNames(): string[] {
  try {
    return readdirSync(SYSTEM_FOLDER).filter((name) => name !== "bonding_masters");
  } catch {
    return [];
  }
}

function flagsOf(name: string): number {
  try {
    return Number.parseInt(readFileSync(`${SYSTEM_FOLDER}/${name}/flags`, "utf8"), 16);
  } catch {
    return 0;
  }
}

/** Names that are like `wrong`, nearest first: at most three. */
export function nearestNames(wrong: string): string[] {
  const names = [...new Set([...systemNames(), ...Object.keys(networkInterfaces())])];
  return names
    .map((name) => ({ name, edits: distance(name, wrong) }))
    .filter(({ name, edits }) => edits <= Math.max(2, Math.ceil(name.length / 2)))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name);
}
