import { ProtocolError } from "../wire/protocol-error.js";
import { parseVerdict } from "./checks.js";
import type { ControlListener, ControlLog } from "./listener.js";
import { ControlFailure } from "./peer.js";
import type { PeerAddress, ProductCalls, Verdict } from "./protocol.js";

const ANSWER_MS = 3_000; // the product answers from memory within 50 ms; a longer wait holds an encoder's handshake
const PRODUCT_MS = 2_000; // a restarting product is back sooner than an encoder gives up

/** The engine's question to the product: may this peer come in? Never rejects: no answer is a refusal. */
export type Admission = {
  mayPublish(key: string, from: PeerAddress): Promise<Verdict>;
  mayPlay(ticket: string, from: PeerAddress): Promise<Verdict>;
};

const NOT_READY: Verdict = { allowed: false, reason: "not-ready" };

/** Asks the product that is connected to `listener`; waits a little for one that is just restarting. */
export function createAdmission(listener: Pick<ControlListener, "product">, log: ControlLog): Admission {
  const askOnce = async <K extends keyof ProductCalls>(
    question: K,
    given: ProductCalls[K]["ask"],
  ): Promise<Verdict | "product-gone"> => {
    const product = await listener.product(PRODUCT_MS);
    if (product === null) return NOT_READY;
    try {
      return parseVerdict(await product.ask(question, given, ANSWER_MS));
    } catch (error) {
      if (error instanceof ProtocolError) product.close(error.message);
      else if (!(error instanceof ControlFailure)) throw error;
      log.warn({ question, reason: error.message }, "admission was not answered");
      return error instanceof ControlFailure && error.code === "closed" ? "product-gone" : NOT_READY;
    }
  };

  const ask = async <K extends keyof ProductCalls>(
    question: K,
    given: ProductCalls[K]["ask"],
  ): Promise<Verdict> => {
    const first = await askOnce(question, given);
    if (first !== "product-gone") return first;
    const second = await askOnce(question, given); // it restarted while it was asked
    return second === "product-gone" ? NOT_READY : second;
  };

  return {
    mayPublish: (key, from) => ask("mayPublish", { key, from }),
    mayPlay: (ticket, from) => ask("mayPlay", { ticket, from }),
  };
}
