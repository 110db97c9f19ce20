import type { CodecContext, FilterGraph, FormatContext, Frame, Packet } from "node-av/lib";

/** The codec library, loaded by whoever calls: it is an optional part of an installation. */
export type CodecLibrary = typeof import("node-av/lib");

const MAX_WIDTH = 480;
const MAX_PACKETS = 600; // until the first picture comes out of the decoder

// Constants of libavutil and libavcodec, stable parts of their ABI.
const MEDIA_VIDEO = 0;
const CODEC_ID_MJPEG = 7;
const YUVJ420P = 12;
const AGAIN = -11;
const PQ = 16; // ITU-T H.273 transfer characteristics
const HLG = 18;
const UNSPECIFIED = 2;
const QUALITY = 3 * 118; // FF_QP2LAMBDA: 2 is best, 31 worst

/** What went wrong with a picture, with libav's own number. */
export class PictureError extends Error {}

const must = (result: number, what: string): void => {
  if (result < 0) throw new PictureError(`${what} failed with ${result}`);
};

const made = <T>(found: T | null | undefined, what: string): T => {
  if (found === null || found === undefined) throw new PictureError(`there is no ${what}`);
  return found;
};

/** A JPEG of the first picture of a file, at most 480 square pixels wide, in the colours of an ordinary screen. */
export function jpegOfFirstPicture(av: CodecLibrary, path: string): Buffer {
  const picture = decodeFirst(av, path);
  const { width, height } = shownSize(picture);
  const { colorTrc } = picture;
  const isHdr = Number(colorTrc) === PQ || Number(colorTrc) === HLG;
  const small = isHdr
    ? filtered(av, picture, toScreen(picture, width, height))
    : filtered(av, picture, toJpegRange(width, height));
  return encode(av, small);
}

/** In square pixels, even numbers, never larger than it is. */
const shownSize = (picture: Frame): { readonly width: number; readonly height: number } => {
  const { num, den } = picture.sampleAspectRatio;
  const shownWidth = num > 0 && den > 0 ? (picture.width * num) / den : picture.width;
  const width = Math.min(MAX_WIDTH, shownWidth);
  const even = (value: number): number => Math.max(2, 2 * Math.round(value / 2));
  return { width: even(width), height: even((picture.height * width) / shownWidth) };
};

/** JPEG is full range and BT.601 (ITU-T T.871 §7). */
const toJpegRange = (width: number, height: number): string =>
  `scale=${width}:${height}:flags=area:out_color_matrix=bt601:out_range=full,setsar=1,format=yuvj420p`;

/** HDR in the light of an SDR screen: diffuse white (203 cd/m², ITU-R BT.2408) as its white, what is above rolled off. */
const toScreen = (picture: Frame, width: number, height: number): string => {
  const matrix = Number(picture.colorSpace) === UNSPECIFIED ? "bt2020nc" : null;
  const said = matrix === null ? "" : `setparams=colorspace=${matrix}:color_primaries=bt2020,`;
  return [
    `${said}zscale=${width}:${height}:t=linear:npl=203`,
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=mobius:desat=0",
    "zscale=t=bt709:m=bt709:r=limited",
    "format=yuv420p",
    toJpegRange(width, height),
  ].join(",");
};

const decodeFirst = (av: CodecLibrary, path: string): Frame => {
  const file: FormatContext = new av.FormatContext();
  must(file.openInputSync(path, null, null), "opening the file");
  const stream = made(
    file.streams.find(({ codecpar }) => Number(codecpar.codecType) === MEDIA_VIDEO),
    "video in the file",
  );
  const codec = made(av.Codec.findDecoder(stream.codecpar.codecId), "decoder for this codec");
  const decoder: CodecContext = new av.CodecContext();
  decoder.allocContext3(codec);
  must(decoder.parametersToContext(stream.codecpar), "setting up the decoder");
  decoder.threadCount = 1; // one picture: threads would only hold it back
  must(decoder.open2Sync(codec, null), "opening the decoder");

  const packet: Packet = new av.Packet();
  packet.alloc();
  const frame: Frame = new av.Frame();
  frame.alloc();
  for (let count = 0; count < MAX_PACKETS; count += 1) {
    const isOver = file.readFrameSync(packet) < 0;
    if (!isOver && packet.streamIndex !== stream.index) {
      packet.unref();
      continue;
    }
    must(decoder.sendPacketSync(isOver ? null : packet), "decoding");
    packet.unref();
    const received = decoder.receiveFrameSync(frame);
    if (received >= 0) return frame;
    if (received !== AGAIN || isOver) must(received, "decoding");
  }
  throw new PictureError(`no picture in ${MAX_PACKETS} packets`);
};

const filtered = (av: CodecLibrary, picture: Frame, chain: string): Frame => {
  const graph: FilterGraph = new av.FilterGraph();
  graph.alloc();
  const { width, height, format, colorSpace, colorRange } = picture;
  const source = [
    `video_size=${width}x${height}:pix_fmt=${Number(format)}:time_base=1/90000`,
    `colorspace=${Number(colorSpace)}:range=${Number(colorRange)}`,
  ].join(":");
  must(graph.parse2(`buffer=${source},${chain},buffersink`), "setting up the filters");
  must(graph.configSync(), "joining the filters");
  const found = (kind: string) =>
    made(
      graph.filters?.find(({ name }) => name?.includes(kind)),
      kind,
    );
  must(found("_buffer_").buffersrcAddFrameSync(picture), "filtering");
  const out: Frame = new av.Frame();
  out.alloc();
  must(found("_buffersink_").buffersinkGetFrameSync(out), "filtering");
  return out;
};

const encode = (av: CodecLibrary, picture: Frame): Buffer => {
  const codec = made(av.Codec.findEncoder(CODEC_ID_MJPEG as never), "JPEG encoder");
  const encoder: CodecContext = new av.CodecContext();
  encoder.allocContext3(codec);
  encoder.width = picture.width;
  encoder.height = picture.height;
  encoder.pixelFormat = YUVJ420P as never;
  encoder.colorRange = 2 as never; // full
  encoder.timeBase = new av.Rational(1, 25);
  encoder.globalQuality = QUALITY;
  encoder.setFlags(2 as never); // AV_CODEC_FLAG_QSCALE
  encoder.threadCount = 1;
  must(encoder.open2Sync(codec, null), "opening the JPEG encoder");
  picture.quality = QUALITY;
  must(encoder.sendFrameSync(picture), "encoding");
  const packet: Packet = new av.Packet();
  packet.alloc();
  must(encoder.receivePacketSync(packet), "encoding");
  return Buffer.from(made(packet.data, "JPEG"));
};
