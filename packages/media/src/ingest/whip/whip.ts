import { randomBytes } from "node:crypto";
import type { PeerAddress } from "../../control/protocol.js";
import type { Clock } from "../../hub/clock.js";
import type { Publication, PublisherEnd } from "../../hub/ports.js";
import { budgetAddress } from "../../net/address.js";
import type { Answer } from "../../net/http/local-http.js";
import { RequestProblem } from "../../net/http/problem.js";
import { type Association, associate } from "../../transport/association.js";
import {
  type Admitted,
  type Asked,
  createEndpoint,
  disagreed,
  notReady,
  type Opening,
  wrongToken,
} from "../../transport/endpoint.js";
import type { UdpPort } from "../../transport/udp-port.js";
import { writeSdp } from "../../wire/rtp/sdp-write.js";
import { askAdmission } from "../ask-admission.js";
import type { IngestDuties, PublishRefused } from "../ports.js";
import { shortened, tellRefusals } from "../refusals.js";
import { encoderName } from "./encoder-name.js";
import { answerTo, negotiate } from "./negotiate.js";
import { createPublisher, type Publisher } from "./publisher.js";

/** What WHIP needs of the engine. The UDP port is the viewers' too. */
export type WhipOptions = IngestDuties & { readonly udp: UdpPort; readonly clock: Clock };

/** WHIP as main.ts holds it. */
export type Whip = {
  /** What is asked of `/whip` and below it. */
  readonly answer: Answer;
  /** Ends all sessions. */
  close(): void;
};

/** A room has one publisher, so these are rooms that are live at once. */
const MAX_PUBLISHERS = 64;
const MAX_PUBLISHERS_PER_ADDRESS = 16;
const MAX_CONNECTING_PER_ADDRESS = 8;

/** The product answers within 50 ms; admission waits for one that restarts. */
const ADMISSION_MS = 12_000;

/** Takes publishers in: RFC 9725 over HTTP, media over the viewers' UDP port. */
export function createWhip(options: WhipOptions): Whip {
  const { clock, udp, hub, log, wrongKeys } = options;
  const refused = tellRefusals(options, clock.now);
  const refuse = (asked: Asked, stream: string | null, reason: PublishRefused["reason"], detail: string) =>
    refused({ stream, from: peerOf(asked), reason, detail });

  const admit = async (asked: Asked): Promise<Admitted> => {
    const { token, address } = asked;
    if (wrongKeys.isSpent(budgetAddress(address))) {
      const message = "too many wrong stream keys from this address";
      throw new RequestProblem(429, "too_many_attempts", message, { "retry-after": "60" });
    }
    const verdict = await askAdmission(options, token, peerOf(asked), ADMISSION_MS);
    if (verdict.allowed) return verdict;
    const detail = `The stream key ${shortened(token)} was refused (${verdict.reason}).`;
    switch (verdict.reason) {
      case "not-ready":
        refuse(asked, null, "not-ready", "The server is starting: the encoder will try again.");
        throw notReady("stream keys cannot be checked just now");
      case "address-blocked":
        refuse(asked, null, "address-blocked", detail);
        throw new RequestProblem(403, "address_blocked", "this address may not publish");
      default:
        wrongKeys.spend(budgetAddress(address));
        refuse(asked, null, verdict.reason, detail);
        throw wrongToken("unknown_key", "this stream key is not known here, or no longer");
    }
  };

  const open = async (opening: Opening): Promise<{ association: Association; answer: string }> => {
    const { offer, token, address, admitted } = opening;
    const agreed = negotiate(offer);
    if ("code" in agreed) {
      refuse(opening, admitted.stream, "not-understood", `The encoder's offer: ${agreed.message}.`);
      throw disagreed(agreed);
    }
    const ssrc = randomBytes(4).readUInt32BE();
    let publisher: Publisher | null = null;
    let publication: Publication | null = null;
    let isOpen = true;
    const association = await associate(
      agreed.transport,
      [ssrc],
      { udp, clock, random: randomBytes, token, lifetimeMs: admitted.lifetimeMs },
      {
        connected() {
          opening.connected();
          publisher?.start();
        },
        rtp: (packet) => publisher?.rtp(packet),
        rtcp: (packet) => publisher?.rtcp(packet),
        closing() {
          isOpen = false;
          publisher?.close();
          publication?.close("ended");
        },
        ended(reason) {
          opening.ended(reason);
        },
      },
    );
    const admission = hub.publish(admitted.stream, {
      source: { protocol: "whip", address, encoder: encoderName(opening.agent) },
      isDead: () => !isOpen,
      requestKeyframe: () => publisher?.requestKeyframe(),
      link: () => publisher?.link() ?? null,
      end(reason) {
        publication = null; // the hub has closed its side
        association.end(END_TEXT[reason]);
      },
    });
    if (admission === "already-live") {
      association.close();
      refuse(opening, admitted.stream, "already-live", "Another encoder is already live.");
      const message =
        "another encoder is live in this room: stop it first, or switch over on the room's page";
      throw new RequestProblem(409, "already_live", message);
    }
    publication = admission;
    publisher = createPublisher(
      agreed,
      { publication: admission, peer: association.peer },
      { clock, ssrc, cname: randomBytes(9).toString("base64url") },
      association.end,
    );
    log.info({ address, stream: admitted.stream, codec: agreed.video.name }, "whip: publishing");
    return { association, answer: writeSdp(answerTo(offer, agreed, association.peer.local), ssrc) };
  };

  const endpoint = createEndpoint({
    name: "whip",
    people: "publishers",
    person: "publisher",
    limits: {
      sessions: MAX_PUBLISHERS,
      ofAddress: MAX_PUBLISHERS_PER_ADDRESS,
      connectingOfAddress: MAX_CONNECTING_PER_ADDRESS,
    },
    log,
    admit,
    open,
  });

  return { answer: endpoint.answer, close: () => void endpoint.endWhere(() => true) };
}

const END_TEXT: Readonly<Record<PublisherEnd, string>> = {
  "taken-over": "another encoder has taken over",
  "key-rotated": "the stream key has been changed",
  disconnected: "the stream was ended in the studio",
  "test-signal-stopped": "the test signal was stopped",
  "engine-stopping": "the engine is stopping",
};

function peerOf({ address }: Asked): PeerAddress {
  return { address, protocol: "whip" };
}
