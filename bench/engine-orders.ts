import type { WayIn } from "./ways-in.js";

/** An engine to measure: where an encoder publishes, and where a browser plays what was published. */
export type EngineOrder = {
  readonly name: string;
  readonly ingest: string;
  /** http(s): WHEP. ws(s): OvenMediaEngine's signalling. */
  readonly play: string;
};

const OPTIONS = new Set(["--ingest", "--play", "--name"]);

/** Reads `--ingest URL --play URL [--name …]`, as often as there are engines. Throws what is wrong, in words. */
export function readEngineOrders(given: readonly string[]): EngineOrder[] {
  const orders: Partial<Record<string, string>>[] = [];
  for (let at = 0; at < given.length; at += 2) {
    const [option = "", value] = given.slice(at, at + 2);
    if (!OPTIONS.has(option)) throw new Error(`${option}: known are ${[...OPTIONS].join(", ")} and --quick`);
    if (value === undefined) throw new Error(`${option} needs a value`);
    if (option === "--ingest") orders.push({});
    const order = orders.at(-1);
    if (order === undefined) throw new Error(`${option}: each engine begins with --ingest`);
    if (order[option] !== undefined) throw new Error(`${option} twice for ${order["--ingest"]}`);
    order[option] = value;
  }
  return orders.map((order) => {
    const ingest = order["--ingest"] ?? "";
    const play = order["--play"];
    if (play === undefined) throw new Error(`--play is missing for ${withoutSecrets(ingest)}`);
    wayInOf(ingest);
    if (!/^(https?|wss?):\/\//.test(play))
      throw new Error(
        `--play ${withoutSecrets(play)}: WHEP is http(s)://, OvenMediaEngine's signalling ws(s)://`,
      );
    return { name: order["--name"] ?? withoutSecrets(play), ingest, play };
  });
}

/** By which protocol an address takes a stream in. */
export function wayInOf(ingest: string): WayIn {
  const scheme = /^([a-z]+):\/\//.exec(ingest)?.[1];
  switch (scheme) {
    case "rtmp":
    case "rtmps":
    case "srt":
      return scheme;
    case "http":
    case "https":
      return "whip";
    default:
      throw new Error(`--ingest ${withoutSecrets(ingest)}: rtmp(s)://, srt:// or, for WHIP, http(s)://`);
  }
}

/** An address may end in a key. */
function withoutSecrets(url: string): string {
  return /^[a-z]+:\/\/[^/?]+/.exec(url)?.[0] ?? "(no address)";
}
