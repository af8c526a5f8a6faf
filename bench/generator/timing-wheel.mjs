/**
 * Brings many conversations' next packets into time order: a wheel with one list for each microsecond of the next
 * 4.2 seconds. Each slot (a running conversation) waits in at most one list, so a link a slot suffices and both
 * adding and taking are constant in time.
 */

const SPAN_US = 1 << 22;
const NONE = -1;

/**
 * Calls `step` for every slot at its time until none waits any more.
 * @param {number} slots how many slots there are
 * @param {(slot: number) => number} firstUs when a slot is called first, in microseconds
 * @param {(slot: number, timeUs: number) => number} step returns microseconds until the slot's next call (1 to
 *   4,194,303), or 0 when the slot has ended
 */
export function runInTimeOrder(slots, firstUs, step) {
  const heads = new Int32Array(SPAN_US).fill(NONE);
  const links = new Int32Array(slots);
  let waiting = 0;
  const add = (slot, at) => {
    links[slot] = heads[at];
    heads[at] = slot;
    waiting++;
  };
  for (let slot = 0; slot < slots; slot++) add(slot, firstUs(slot));
  for (let timeUs = 0; waiting > 0; timeUs++) {
    const at = timeUs % SPAN_US;
    let slot = heads[at];
    heads[at] = NONE;
    while (slot !== NONE) {
      const following = links[slot];
      waiting--;
      const wait = step(slot, timeUs);
      if (wait < 0 || wait >= SPAN_US) throw new RangeError(`a wait of ${wait} us does not fit the wheel`);
      if (wait > 0) add(slot, (at + wait) % SPAN_US);
      slot = following;
    }
  }
}
