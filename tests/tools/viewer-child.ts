import { fingerprint } from "./fingerprint.js";
import type { PictureRecord, ViewerAnswer, ViewerOrder, ViewerReport } from "./viewers.js";
import { connectWhepViewer, type WhepViewer } from "./whep-viewer.js";

/** A process with a few WHEP viewers in it, ordered about by `viewers.ts` over its IPC channel. */

const MAX_PICTURES = 100_000; // more than an hour at 24 fps, per viewer

type Seat = { readonly viewer: WhepViewer; readonly pictures: PictureRecord[]; bytes: number };

const seats: Seat[] = [];

process.on("message", (order: ViewerOrder) => {
  carryOut(order).then(reply, (error: unknown) => reply({ failed: String(error) }));
});
process.on("disconnect", () => process.exit(0));

async function carryOut(order: ViewerOrder): Promise<ViewerAnswer> {
  if (order.order === "connect") {
    const pictures: PictureRecord[] = [];
    const seat: { -readonly [K in keyof Seat]?: Seat[K] } = { pictures, bytes: 0 };
    seat.viewer = await connectWhepViewer({
      url: order.url,
      ticket: order.ticket,
      isCrowd: order.isCrowd,
      onPicture(picture) {
        if (pictures.length >= MAX_PICTURES) throw new Error(`more than ${MAX_PICTURES} pictures`);
        let bytes = 0;
        for (const unit of picture.nalUnits) bytes += unit.length;
        pictures.push({
          fingerprint: fingerprint(picture.nalUnits),
          atMs: picture.lastPacketAtMs,
          isWhole: picture.isWhole,
          isKeyframe: picture.nalUnits.some((unit) => ((unit[0] ?? 0) & 0x1f) === 5),
          bytes,
        });
      },
    });
    seats.push(seat as Seat);
    return { connected: seats.length - 1 };
  }
  if (order.order === "report") {
    const reports: ViewerReport[] = seats.map((seat) => ({
      ...seat.viewer.video,
      state: seat.viewer.state(),
      records: order.forget ? seat.pictures.splice(0) : [...seat.pictures],
    }));
    return { reports };
  }
  await Promise.all(seats.splice(0).map((seat) => seat.viewer.close()));
  return { reports: [] };
}

function reply(answer: ViewerAnswer): void {
  process.send?.(answer);
}
