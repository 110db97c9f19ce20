import { ERRORS, type Route, routes } from "@colourstream/contract";
import { expect, test } from "vitest";
import { describeApi } from "./openapi.js";

type Operation = { operationId: string; security: object[]; parameters: { name: string }[] };
const api = describeApi("1.2.3") as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: { Error: { properties: { error: { enum: string[] } } } } };
};

test("every route of the contract is described, once, with its parameters and who may call it", () => {
  const operations = Object.values(api.paths).flatMap((path) => Object.values(path));
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(routes).sort());
  for (const { operationId, security, parameters } of operations) {
    const route: Route = routes[operationId as keyof typeof routes];
    const named = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    expect(
      parameters.map(({ name }) => name),
      operationId,
    ).toEqual(expect.arrayContaining(named));
    expect(security.length === 0, operationId).toBe(route.access === "public");
    const scopes = security.flatMap((one) => ("token" in one ? one.token : []));
    expect(scopes, operationId).toEqual(route.scope === undefined ? [] : [route.scope]);
  }
});

test("every code that a refusal can have is listed", () => {
  expect(api.components.schemas.Error.properties.error.enum).toEqual(Object.keys(ERRORS));
});
