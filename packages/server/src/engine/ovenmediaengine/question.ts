import { createHmac, timingSafeEqual } from "node:crypto";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

const text = Type.String({ maxLength: 4_096 });

/** What AdmissionWebhooks send (recorded from v0.20.0); what later versions add is let be. */
const Question = Type.Object({
  client: Type.Object({
    /** Of the socket: behind a proxy the proxy's. */
    address: text,
    port: Type.Optional(Type.Integer()),
    /** The first of X-Forwarded-For over HTTP, else the socket's. */
    real_ip: Type.Optional(text),
    user_agent: Type.Optional(text),
  }),
  request: Type.Object({
    direction: Type.Union([Type.Literal("incoming"), Type.Literal("outgoing")]),
    /** RTMP, SRT, WebRTC, LLHLS, Thumbnail; the documentation has them in small letters. */
    protocol: text,
    status: Type.Union([Type.Literal("opening"), Type.Literal("closing")]),
    time: text,
    url: text,
    new_url: Type.Optional(text),
  }),
});

/** A question whose form is right. */
export type AdmissionQuestion = Static<typeof Question>;

/** Null: it is none of theirs. */
export function parseQuestion(body: Uint8Array): AdmissionQuestion | null {
  try {
    const question: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return Check(Question, question) ? question : null;
  } catch {
    return null;
  }
}

/** X-OME-Signature: HMAC-SHA1 over the raw body, base64url without padding. */
export function signatureOf(body: Uint8Array, secret: string): string {
  return createHmac("sha1", secret).update(body).digest("base64url");
}

/** Compared in constant time; a signature of another length is as wrong as any. */
export function isSigned(body: Uint8Array, signature: string, secret: string): boolean {
  const expected = Buffer.from(signatureOf(body, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
