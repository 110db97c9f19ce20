import type { FastifyInstance } from "fastify";
import type { OmeAdmission } from "../engine/ovenmediaengine/admission.js";

/** Where OvenMediaEngine's AdmissionWebhooks are to ask. The proxy in front passes nothing from outside to it. */
export const OME_ADMISSION_PATH = "/ome/admission";

/** Answers AdmissionWebhooks; what is not signed with the shared secret gets 401 and no reason. */
export function serveOmeAdmission(_app: FastifyInstance, _admission: OmeAdmission): void {
  throw new Error("not built yet");
}
