import type { Stream } from "../../hub/stream.js";
import { RequestProblem } from "../../net/http/problem.js";
import { type Association, type AssociationOptions, associate } from "../../transport/association.js";
import { disagreed } from "../../transport/endpoint.js";
import type { SessionDescription } from "../../wire/rtp/sdp.js";
import { writeSdp } from "../../wire/rtp/sdp-write.js";
import { answerTo, negotiate } from "./negotiate.js";
import type { PacketRing } from "./packet-ring.js";
import { createViewer, type Viewer } from "./viewer.js";

/** What a viewer is opened with, and who is told. */
export type ViewerOptions = AssociationOptions & {
  readonly stream: Stream;
  readonly ring: PacketRing;
  connected(): void;
  ended(reason: string): void;
};

/** Answers an offer with a peer that is ready to be connected to. */
export async function openViewer(
  offer: SessionDescription,
  options: ViewerOptions,
): Promise<{ readonly association: Association; readonly answer: string }> {
  const { stream, ring, clock, random } = options;
  const format = stream.videoFormat();
  if (format === null) throw notLive();
  const randomU32 = () => random(4).readUInt32BE();
  const ssrcs = { video: randomU32(), rtx: randomU32(), audio: randomU32() };
  const agreed = negotiate(offer, format, ssrcs);
  if ("code" in agreed) throw disagreed(agreed);

  const cname = random(9).toString("base64url");
  const tracks = [agreed.video.track, ...(agreed.audio === null ? [] : [agreed.audio.track])];
  let viewer: Viewer | null = null;
  const association = await associate(
    agreed.transport,
    tracks.flatMap(({ ssrc, rtx }) => (rtx === null ? [ssrc] : [ssrc, rtx.ssrc])),
    options,
    {
      connected() {
        options.connected();
        viewer?.start();
      },
      rtp: () => undefined,
      rtcp: (packet) => viewer?.rtcp(packet),
      closing: () => viewer?.close(),
      ended: (reason) => options.ended(reason),
    },
  );
  const { peer } = association;
  viewer = createViewer(
    { stream, ring, peer },
    {
      codec: format.codec,
      video: agreed.video.track,
      audio: agreed.audio?.track ?? null,
      cname,
    },
    { clock, randomU32 },
    { ended: association.end },
  );
  return { association, answer: writeSdp(answerTo(offer, agreed, peer.local, cname), randomU32()) };
}

/** There is nothing to watch yet; the viewer asks again. */
export function notLive(): RequestProblem {
  return new RequestProblem(409, "not_live", "the stream is not live", { "retry-after": "1" });
}
