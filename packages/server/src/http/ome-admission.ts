import type { FastifyInstance } from "fastify";
import type { OmeAdmission } from "../engine/ovenmediaengine/admission.js";

/** Where OvenMediaEngine's AdmissionWebhooks are to ask. The proxy in front passes nothing from outside to it. */
export const OME_ADMISSION_PATH = "/ome/admission";

/** All players that come at once ask by one server's address. */
export const OME_ADMISSION_ALLOWANCE = { perSecond: 500, burst: 2_000 } as const;

const MAX_BODY_BYTES = 64 * 1024; // a question is half a kilobyte

/** Answers AdmissionWebhooks; what is not signed with the shared secret gets 401 and no reason. */
export function serveOmeAdmission(app: FastifyInstance, admission: OmeAdmission): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers(); // the signature is over the bytes as they came
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: MAX_BODY_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.post(OME_ADMISSION_PATH, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
      const signature = request.headers["x-ome-signature"];
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const answer = admission.answer({ body, signature: typeof signature === "string" ? signature : "" });
      reply.header("cache-control", "no-store");
      if (answer === null) return reply.status(401).send();
      return answer;
    });
  });
}
