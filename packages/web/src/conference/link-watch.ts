/** What is known of one connection; null: not known, or nothing was to come. */
export type LinkFigures = {
  readonly way: "direct" | "relay" | null;
  readonly lossPercent: number | null;
  readonly rttMs: number | null;
};

/** Reads a connection's statistics now and then. */
export type LinkWatch = {
  figures(): LinkFigures;
  /** True when they are others now. */
  read(peer: RTCPeerConnection): Promise<boolean>;
};

type Report = Readonly<Record<string, unknown>>;
type Counts = { readonly received: number; readonly lost: number };

const KEPT = 3; // readings: over 2 s each, loss is told of the last 6 s
const number = (value: unknown) => (typeof value === "number" ? value : 0);

/** W3C webrtc-stats §8: the pair of addresses in use, and what of the packets came. */
export function figuresOf(
  reports: readonly Report[],
  before: Counts | null,
): { figures: LinkFigures; counts: Counts } {
  const byId = new Map(reports.map((report) => [report["id"], report]));
  const of = (type: string) => reports.filter((report) => report["type"] === type);
  const named = of("transport").map((transport) => byId.get(transport["selectedCandidatePairId"]))[0];
  // Firefox names no pair at the transport: it marks the pair itself.
  const pair = named ?? of("candidate-pair").find((one) => one["selected"] === true);
  const ends = [pair?.["localCandidateId"], pair?.["remoteCandidateId"]].map((id) => byId.get(id));
  const counts = of("inbound-rtp").reduce<Counts>(
    ({ received, lost }, report) => ({
      received: received + number(report["packetsReceived"]),
      lost: lost + number(report["packetsLost"]),
    }),
    { received: 0, lost: 0 },
  );
  const received = counts.received - (before?.received ?? 0);
  const lost = Math.max(0, counts.lost - (before?.lost ?? 0)); // a late packet takes its loss back
  const rtt = pair?.["currentRoundTripTime"];
  return {
    counts,
    figures: {
      way:
        pair === undefined
          ? null
          : ends.some((end) => end?.["candidateType"] === "relay")
            ? "relay"
            : "direct",
      lossPercent:
        before === null || received + lost <= 0 ? null : Math.round((1_000 * lost) / (received + lost)) / 10,
      rttMs: typeof rtt === "number" ? Math.round(rtt * 1_000) : null,
    },
  };
}

/** Nothing is known. */
export const NO_FIGURES: LinkFigures = { way: null, lossPercent: null, rttMs: null };

/** Knows nothing at first. */
export function createLinkWatch(): LinkWatch {
  let figures = NO_FIGURES;
  let readings: { of: RTCPeerConnection; counts: Counts }[] = [];
  return {
    figures: () => figures,
    async read(peer) {
      const reports: Report[] = [];
      for (const report of (await peer.getStats()).values()) reports.push(report as Report);
      readings = readings.filter(({ of }) => of === peer);
      const now = figuresOf(reports, readings[0]?.counts ?? null);
      readings = [...readings, { of: peer, counts: now.counts }].slice(-KEPT);
      const isOther = JSON.stringify(now.figures) !== JSON.stringify(figures);
      figures = now.figures;
      return isOther;
    },
  };
}
