/**
 * As much of Go's text/template, with the functions that Traefik gives to it, as deploy/traefik/dynamic uses. Anything
 * else is an error: so a file that Traefik would read otherwise than this does not pass.
 */
export function rendered(source: string, env: Readonly<Record<string, string>>): string {
  const pieces = source.split(/\{\{(.*?)\}\}/s); // text and actions by turns
  const { nodes, ended } = parsed(pieces);
  if (ended !== "") throw new Error(`an ${ended} too many`);
  return written(nodes, new Map(), env);
}

type Node =
  | { is: "text"; text: string }
  | { is: "print"; expression: string }
  | { is: "set"; name: string; expression: string }
  | { is: "if"; expression: string; then: Node[]; otherwise: Node[] }
  | { is: "range"; name: string; expression: string; each: Node[] };

/** Takes what belongs together off the pieces, up to an `else` or `end` of its own. */
function parsed(pieces: string[]): { nodes: Node[]; ended: string } {
  const nodes: Node[] = [];
  for (;;) {
    nodes.push({ is: "text", text: pieces.shift() ?? "" });
    const action = pieces.shift()?.trim();
    if (action === undefined) return { nodes, ended: "" };
    const [, word = "", name, expression] =
      /^(if|range|else$|end$)?\s*(?:(\$\w+) := )?(.*)$/s.exec(action) ?? [];
    if (expression === undefined) throw new Error(`not understood: ${action}`);
    if (word === "else" || word === "end") return { nodes, ended: word };
    if (word === "if") {
      const { nodes: then, ended } = parsed(pieces);
      nodes.push({ is: "if", expression, then, otherwise: ended === "else" ? parsed(pieces).nodes : [] });
    } else if (name === undefined) nodes.push({ is: "print", expression });
    else if (word === "range") nodes.push({ is: "range", name, expression, each: parsed(pieces).nodes });
    else nodes.push({ is: "set", name, expression });
  }
}

function written(nodes: Node[], scope: Map<string, Value>, env: Readonly<Record<string, string>>): string {
  const one = (node: Node): string => {
    if (node.is === "text") return node.text;
    const value = evaluated(node.expression, scope, env);
    switch (node.is) {
      case "print":
        return String(value);
      case "set":
        scope.set(node.name, value);
        return "";
      case "if":
        return written(value === true ? node.then : node.otherwise, scope, env);
      case "range":
        if (!Array.isArray(value)) throw new Error(`range over what is no list: ${node.expression}`);
        return value.map((item) => written(node.each, new Map([...scope, [node.name, item]]), env)).join("");
    }
  };
  return nodes.map(one).join("");
}

type Value = string | number | boolean | Value[];

function evaluated(
  text: string,
  scope: ReadonlyMap<string, Value>,
  env: Readonly<Record<string, string>>,
): Value {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|\(|\)|[^\s()]+/g) ?? [];
  const one = (): Value => {
    const token = tokens.shift();
    if (token === "(") {
      const value = call();
      if (tokens.shift() !== ")") throw new Error(`a bracket is missing in ${text}`);
      return value;
    }
    if (token?.startsWith('"')) return JSON.parse(token) as string;
    if (token !== undefined && /^\d+$/.test(token)) return Number(token);
    const value = token === undefined ? undefined : scope.get(token);
    if (value === undefined) throw new Error(`${token ?? "nothing"} is not known in ${text}`);
    return value;
  };
  const call = (): Value => {
    const [name = ""] = tokens;
    if (!/^[a-z]/.test(name)) return one();
    tokens.shift();
    const given: Value[] = [];
    while (tokens.length > 0 && tokens[0] !== ")") given.push(one());
    return applied(name, given, env);
  };
  return call();
}

function applied(name: string, given: Value[], env: Readonly<Record<string, string>>): Value {
  const [first, second] = given;
  switch (name) {
    case "env": {
      const value = env[String(first)];
      if (value === undefined) throw new Error(`Traefik is given no ${String(first)}`);
      return value;
    }
    case "printf":
      return given.slice(1).reduce<string>((text, value) => text.replace("%s", String(value)), String(first));
    case "splitList":
      return String(second).split(String(first));
    case "has":
      return Array.isArray(second) && first !== undefined && second.includes(first);
    case "or":
      return given.some((value) => value === true);
    case "atoi":
      return Number(first);
    case "add1":
      return Number(first) + 1;
    case "until":
      return Array.from({ length: Number(first) }, (_, index) => index);
    default:
      throw new Error(`the function ${name} is not known`);
  }
}
