import * as contract from "@colourstream/contract";
import { type Access, API_PREFIX, ERRORS, type Route, SCOPES } from "@colourstream/contract";

/** docs/api.md, made from the contract: what it says is what the server checks every request against. */

type Json = { readonly [name: string]: unknown };

const RESOURCES: readonly (readonly [string, string, Readonly<Record<string, Route>>])[] = [
  ["Signing in", "Logins are a browser's affair: a program uses an API token.", contract.sessionRoutes],
  ["Passkeys", "", contract.passkeyRoutes],
  ["People with an account", "", contract.userRoutes],
  ["Rooms", "`joinRoom` to `makeTicket` are what a reviewer's page calls.", contract.roomRoutes],
  [
    "Recordings",
    `The file itself is at \`${contract.recordingFilePath(":recordingId")}\` (with ranges; \`?download\` names it), a picture of it at \`${contract.recordingThumbnailPath(":recordingId")}\`, one of what is live at \`${contract.roomThumbnailPath(":roomId")}\`: to whom may read the recording, or the room.`,
    contract.recordingRoutes,
  ],
  [
    "People in a room",
    "Who is there now is told by the channel: `docs/realtime.md`.",
    contract.participantRoutes,
  ],
  ["Roles, hands and who was sent out for good", "", contract.presenceRoutes],
  [
    "Chat",
    "Messages are written over the channel (`docs/realtime.md`); here is what lies further back.",
    contract.chatRoutes,
  ],
  [
    "The call",
    "Its pages find each other over the channel; here is muting, and talking by a button elsewhere: `docs/talkback.md`.",
    contract.callRoutes,
  ],
  ["Invitations", "", contract.invitationRoutes],
  ["Settings", "", contract.settingsRoutes],
  ["The media engine", "", contract.engineRoutes],
  ["Security", "", contract.securityRoutes],
  ["API tokens", "", contract.tokenRoutes],
  ["The check of a line", "", contract.checkRoutes],
  ["Health", "", contract.healthRoutes],
];

const WHO: Readonly<Record<Access, string>> = {
  public: "anybody",
  enrol: "signed in, also before the first passkey",
  studio: "owner, colourist",
  owner: "owner",
  seat: "who has a seat, also while waiting",
  room: "who was let in",
  host: "who was let in as presenter; owner, colourist",
};

/** The schemas of the contract that have a name, by what they say. */
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries<unknown>(contract).flatMap(([name, value]) =>
    isSchema(value) && value["type"] === "object" && !/Params$|Body$/.test(name)
      ? [[JSON.stringify(value), name] as const]
      : [],
  ),
);

/** The page as Markdown. */
export function writeApiDocs(): string {
  const shapes = new Map<string, Json>();
  const resources = RESOURCES.map(([title, text, routes]) => resource(title, text, routes, shapes));
  return `${[INTRODUCTION, ...resources, shapesText(shapes), errorsText()].join("\n\n")}\n`;
}

const INTRODUCTION = `# The API

<!-- Made from packages/contract by tools/write-api-docs.ts: change the contract, then run it. -->

Everything that the pages do goes through this API, so a program can do it too. Every path begins with \`${API_PREFIX}\`; bodies and answers are JSON, times are ms since 1970. The same as OpenAPI 3.1: \`/api/openapi.json\`.

A field of a body that is not listed is refused, and so is a value of another type: 400 \`invalid_request\` names it. Whatever is not yours answers 404 like what does not exist. Every refusal has a stable code; the list is at the end.

## With an API token

Make one in the studio under “API tokens”, or as below. It can do at most what you can, and only what its scopes say; it is shown once. Send it in the header, never in an address:

\`\`\`sh
curl -H "Authorization: Bearer $COLOURSTREAM_TOKEN" https://review.example.com${API_PREFIX}/rooms

curl -H "Authorization: Bearer $COLOURSTREAM_TOKEN" -H "Content-Type: application/json" \\
  -d '{"name":"Reel 3","waitingRoom":true}' https://review.example.com${API_PREFIX}/rooms
\`\`\`

| Scope | What it opens |
| --- | --- |
${Object.entries(SCOPES)
  .map(([scope, text]) => `| \`${scope}\` | ${text} |`)
  .join("\n")}

A token begins with \`cst-\`. A request with one needs no \`Origin\` and no cookie, and cookies beside it do not count. A route without a scope is open to a browser's session alone: passkeys, tokens, settings and accounts are changed by people. Revoking a token, and disabling its user, ends it with the next request.

A browser's session also has to send \`Origin\` with everything but GET. Routes marked “passkey” want one shown within the last 20 minutes (\`STEP_UP_SECONDS\`), else 403 \`step_up_required\`.`;

function resource(
  title: string,
  text: string,
  routes: Readonly<Record<string, Route>>,
  shapes: Map<string, Json>,
): string {
  const rows = Object.values(routes).map((route) => {
    const scope = route.scope === undefined ? "" : `\`${route.scope}\``;
    const who = WHO[route.access] + (route.stepUp ? "; passkey" : "");
    return `| ${address(route)} | ${who} | ${scope} | ${cell(route.summary)} |`;
  });
  const details = Object.entries(routes).map(([name, route]) => detail(name, route, shapes));
  const table = ["| Request | Who | Scope | What it does |", "| --- | --- | --- | --- |", ...rows].join("\n");
  return [`## ${title}`, ...(text === "" ? [] : [text]), table, details.join("\n")].join("\n\n");
}

function detail(name: string, route: Route, shapes: Map<string, Json>): string {
  const parts = [
    ...(route.query === undefined ? [] : [`query ${fields(route.query, shapes)}`]),
    ...(route.body === undefined ? [] : [`takes ${typeText(route.body, shapes)}`]),
    route.response === undefined
      ? `answers ${route.status}`
      : `answers ${route.status} ${route.produces === undefined ? typeText(route.response, shapes) : `\`${route.produces}\``}`,
  ];
  return `- ${address(route)} (\`${name}\`) ${parts.join("; ")}`;
}

function address({ method, path }: Route): string {
  return `\`${method} ${path}\``;
}

function shapesText(shapes: Map<string, Json>): string {
  const done = new Map<string, string>();
  // A shape's fields may name further shapes: until there is no new one.
  for (let next = [...shapes]; next.length > 0; next = [...shapes].filter(([name]) => !done.has(name))) {
    for (const [name, schema] of next) done.set(name, shapeText(name, schema, shapes));
  }
  const sorted = [...done].sort(([a], [b]) => a.localeCompare(b, "en"));
  return ["## Shapes", ...sorted.map(([, text]) => text)].join("\n\n");
}

function shapeText(name: string, schema: Json, shapes: Map<string, Json>): string {
  const rows = Object.entries(propertiesOf(schema)).map(([field, of]) => {
    const optional = requiredOf(schema).includes(field) ? "" : "?";
    return `| \`${field}\`${optional} | ${typeText(of, shapes)} | ${cell(descriptionOf(of))} |`;
  });
  if (rows.length === 0) return [`### ${name}`, descriptionOf(schema) || "Any JSON object."].join("\n\n");
  return [`### ${name}`, ["| Field | Type | |", "| --- | --- | --- |", ...rows].join("\n")].join("\n\n");
}

function fields(schema: unknown, shapes: Map<string, Json>): string {
  if (!isSchema(schema)) return "";
  const required = requiredOf(schema);
  const list = Object.entries(propertiesOf(schema)).map(
    ([name, of]) => `\`${name}\`${required.includes(name) ? "" : "?"}: ${typeText(of, shapes)}`,
  );
  return `{ ${list.join(", ")} }`;
}

function typeText(schema: unknown, shapes: Map<string, Json>): string {
  if (!isSchema(schema)) return "any";
  const name = NAMED.get(JSON.stringify(schema));
  if (name !== undefined) {
    shapes.set(name, schema);
    return `[${name}](#${name.toLowerCase()})`;
  }
  const anyOf = schema["anyOf"];
  if (Array.isArray(anyOf)) {
    // What is null last reads best.
    const nullLast = [...anyOf].sort((a, b) => Number(a.type === "null") - Number(b.type === "null"));
    return nullLast.map((one) => typeText(one, shapes)).join(" \\| ");
  }
  if ("const" in schema) return `\`${JSON.stringify(schema["const"])}\``;
  if (Array.isArray(schema["enum"]))
    return schema["enum"].map((one) => `\`${JSON.stringify(one)}\``).join(" \\| ");
  if (schema["type"] === "array") {
    const items = typeText(schema["items"], shapes);
    return items.includes("|") ? `(${items})[]` : `${items}[]`;
  }
  if (schema["type"] === "object") return fields(schema, shapes);
  return `${schema["type"]}${bounds(schema)}`;
}

function bounds(schema: Json): string {
  const least = schema["minLength"] ?? schema["minimum"];
  const most = schema["maxLength"] ?? schema["maximum"];
  if (least === undefined && most === undefined) return "";
  if (least !== undefined && least === most) return ` (${least})`;
  return ` (${least ?? 0} to ${most ?? "…"})`;
}

/** Of the schema, or of what may be null in it. */
function descriptionOf(schema: unknown): string {
  if (!isSchema(schema)) return "";
  if (typeof schema["description"] === "string") return schema["description"];
  const inner = Array.isArray(schema["anyOf"]) ? schema["anyOf"].map(descriptionOf) : [];
  return inner.find((text) => text !== "") ?? "";
}

function errorsText(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, [status, text]]) => `| \`${code}\` | ${status} | ${text} |`,
  );
  return [
    "## Refusals",
    "The body is `{ error, message, requestId }`. Decide by `error`: it stays; `message` is for a person and may name what was wrong. `Retry-After` says after how many seconds to try again, with 429 and 503. `requestId` finds the request in the server's log.",
    ["| Code | Status | What it means |", "| --- | --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function isSchema(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function propertiesOf(schema: Json): Json {
  return isSchema(schema["properties"]) ? schema["properties"] : {};
}

function requiredOf(schema: Json): readonly unknown[] {
  return Array.isArray(schema["required"]) ? schema["required"] : [];
}
