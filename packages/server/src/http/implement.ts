import type { Readable } from "node:stream";
import {
  API_PREFIX,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type ResponseOf,
  type RouteName,
  routes,
} from "@colourstream/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Actor } from "../journal.js";
import type { AccessCheck, Who } from "./access.js";

type Routes = typeof routes;

/** What a handler gets: the request's parts as the contract types them, and who asks. */
export type Asked<R extends Routes[RouteName]> = {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
  readonly who: Who[R["access"]];
  readonly actor: Actor;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

type Answer<R> = R extends { readonly status: 204 }
  ? undefined
  : R extends { readonly produces: string }
    ? string | Readable // a long file is sent as it is read
    : ResponseOf<R>;

/** One handler for each route of the contract: one that is missing, or answers something else, does not compile. */
export type Handlers = {
  readonly [N in RouteName]: (asked: Asked<Routes[N]>) => Promise<Answer<Routes[N]>>;
};

/** A resource's share of the handlers. */
export type HandlersOf<R extends Partial<Routes>> = Pick<Handlers, keyof R & RouteName>;

type AnyHandler = (asked: Asked<Routes[RouteName]>) => Promise<unknown>;

/** Registers every route of the contract: who may is found out before the body is read. */
export function implement(app: FastifyInstance, access: AccessCheck, handlers: Handlers): void {
  for (const name of Object.keys(routes) as RouteName[]) {
    const route = routes[name];
    const handler = handlers[name] as unknown as AnyHandler;
    const known = new WeakMap<FastifyRequest, Who[typeof route.access]>();
    app.route({
      method: route.method,
      url: API_PREFIX + route.path,
      schema: {
        ...("params" in route && { params: route.params }),
        ...("query" in route && { querystring: route.query }),
        ...("body" in route && { body: route.body }),
        ...("response" in route &&
          !("produces" in route) && { response: { [route.status]: route.response } }),
      },
      preParsing: async (request) => {
        const { roomId } = request.params as { roomId?: string };
        known.set(request, await access.need(route, request, roomId ?? null));
      },
      // A body of which every field may be left out may be left out itself.
      preValidation: async (request) => {
        if ("body" in route && request.body === undefined && route.body.required === undefined)
          request.body = {};
      },
      handler: async (request, reply) => {
        const who = known.get(request);
        if (who === undefined) throw new Error(`${name} was reached without a check of who asks`);
        const asked = {
          params: request.params,
          query: request.query,
          body: request.body,
          who,
          actor: { actorId: actorOf(who), address: request.ip },
          request,
          reply,
        } as Asked<Routes[RouteName]>;
        const answer = await handler(asked);
        if ("produces" in route) reply.type(`${route.produces}; charset=utf-8`);
        return reply.status(route.status).send(answer);
      },
    });
  }
}

function actorOf(who: Who[keyof Who]): string | null {
  if ("user" in who) return who.user.id;
  if ("participant" in who) return who.participant.id;
  return who.login?.user.id ?? null;
}
