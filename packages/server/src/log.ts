import pino, { type DestinationStream, type Logger } from "pino";

/** Fields that hold what opens something, wherever somebody should put them into a line by mistake. */
const SECRET_FIELDS = [
  ...["password", "secret", "token", "ticket", "key", "streamKey", "passphrase", "credential", "challenge"],
  ...["authorization", "cookie", "set-cookie"],
];
const HIDDEN = "(hidden)";
const DEEPEST_CAUSE = 3;

/** What secrets of ours look like inside a text: a user's password in an address, a bearer, a token, a link's fragment. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${HIDDEN}@`],
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\bcst-[\w-]{8,}/g, `cst-${HIDDEN}`],
  [/(\/(?:i|set-up|talk|r\/[\w-]+))#[\w-]{8,}/g, `$1#${HIDDEN}`],
];

/** The log: JSON lines. What should not be in it in the first place is taken out once more. */
export function createLog(level: string, to: DestinationStream): Logger {
  return pino(
    {
      level,
      redact: {
        paths: ["", "*.", "*.*."].flatMap((depth) =>
          SECRET_FIELDS.map((name) =>
            name.includes("-") ? `${depth.replace(/\.$/, "")}["${name}"]` : `${depth}${name}`,
          ),
        ),
        censor: HIDDEN,
      },
      serializers: { err: (error: unknown) => errorLine(error) },
      hooks: {
        logMethod(parts, write) {
          const scrubbed = parts.map((part) => (typeof part === "string" ? scrub(part) : part));
          write.apply(this, scrubbed as Parameters<typeof write>);
        },
      },
    },
    to,
  );
}

type ErrorLine = {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorLine;
};

/**
 * An error's words and way. What else hangs at it stays out: the database's driver puts rows there, and the values of a
 * statement.
 */
function errorLine(error: unknown, depth = 0): ErrorLine {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  return {
    type: error.name,
    message: scrub(wordsOf(error)),
    ...(code !== null && { code }),
    ...(frames !== undefined && { stack: frames.join("\n") }),
    ...(error.cause !== undefined && depth < DEEPEST_CAUSE && { cause: errorLine(error.cause, depth + 1) }),
  };
}

/** Prisma says the whole query with its values, and in its last line what was wrong. */
function wordsOf({ name, message }: Error): string {
  if (!name.startsWith("PrismaClient")) return message;
  return message.trim().split("\n").at(-1) ?? "";
}

function scrub(text: string): string {
  return SHAPES.reduce((all, [shape, instead]) => all.replace(shape, instead), text);
}
