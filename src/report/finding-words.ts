/** What is said of findings beside their own sentences. */
import { MOST_COUNTED, MOST_JUDGED, type OmittedSightings } from "./finding.js";
import { formatCount, formatNumberOf } from "./quantities.js";

/** "Connections refused: 2,345 more connections, of 1,234 servers or clients beyond the first 1,000, were counted, not judged". */
export function omittedText({ title, connections, groups }: OmittedSightings): string {
  const [least, isOne] = [groups >= MOST_COUNTED ? "at least " : "", connections === 1];
  const others = formatNumberOf(groups, "server or client", "servers or clients");
  return `${title}: ${formatNumberOf(connections, "more connection")}, of ${least}${others} beyond the first ${formatCount(MOST_JUDGED)}, ${isOne ? "was" : "were"} counted, not judged`;
}
