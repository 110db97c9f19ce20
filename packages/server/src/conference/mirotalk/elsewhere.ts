import type { Bus, Said } from "../../bus/bus.js";

/** Somebody who has a place in a call, as the other processes know them. */
export type CallPerson = { readonly id: string; readonly shown: string; readonly isHost: boolean };

/** What processes tell each other of MiroTalk's calls. */
export type Elsewhere = {
  /** Who has a place in the room's call at another process. */
  people(roomId: string): readonly CallPerson[];
  /** Who has one here, after each change. */
  tellPeople(roomId: string, people: readonly CallPerson[]): void;
  /** This one has taken a place here: they have none elsewhere. */
  tellTaken(roomId: string, id: string): void;
  /** The room's meeting is called otherwise now. */
  tellRenamed(roomId: string): void;
};

/** What is to be done here when another process says so. */
export type ElsewhereNews = {
  /** Everybody with a place here, by room: for a process that has just come. */
  readonly here: () => Iterable<readonly [roomId: string, people: readonly CallPerson[]]>;
  readonly onTaken: (roomId: string, id: string) => void;
  /** Null: any room's. */
  readonly onRenamed: (roomId: string | null) => void;
};

type Message = Readonly<Record<string, Said>>;

/** Over the bus's topic "call-name". The names themselves are in the database, and never said. */
export function createElsewhere(bus: Bus, { here, onTaken, onRenamed }: ElsewhereNews): Elsewhere {
  // By process, then by room: as many as are in calls.
  const known = new Map<string, Map<string, readonly CallPerson[]>>();
  const say = (message: Message): void => bus.say("call-name", message);
  const tellPeople = (roomId: string, people: readonly CallPerson[]): void =>
    say({ is: "people", roomId, people: people.map(({ id, shown, isHost }) => ({ id, shown, isHost })) });

  bus.hear("call-name", (what, from) => {
    if (!isMessage(what)) return;
    const { is, roomId } = what;
    if (typeof roomId !== "string") return;
    if (is === "renamed") onRenamed(roomId);
    if (is === "taken" && typeof what["id"] === "string") onTaken(roomId, what["id"]);
    if (is !== "people") return;
    const rooms = known.get(from) ?? new Map<string, readonly CallPerson[]>();
    const people = peopleFrom(what["people"]);
    if (people.length > 0) rooms.set(roomId, people);
    else rooms.delete(roomId);
    known.set(from, rooms);
  });
  bus.onOther((id, is) => {
    if (is === "gone") known.delete(id);
    else for (const [roomId, people] of here()) tellPeople(roomId, people);
  });
  bus.onGap(() => onRenamed(null));

  return {
    people: (roomId) => [...known.values()].flatMap((rooms) => rooms.get(roomId) ?? []),
    tellPeople,
    tellTaken: (roomId, id) => say({ is: "taken", roomId, id }),
    tellRenamed: (roomId) => say({ is: "renamed", roomId }),
  };
}

function peopleFrom(said: Said | undefined): CallPerson[] {
  if (!Array.isArray(said)) return [];
  return said.flatMap((one: Said): CallPerson[] => {
    if (!isMessage(one)) return [];
    const { id, shown, isHost } = one;
    return typeof id === "string" && typeof shown === "string" && typeof isHost === "boolean"
      ? [{ id, shown, isHost }]
      : [];
  });
}

function isMessage(what: Said): what is Message {
  return typeof what === "object" && what !== null && !Array.isArray(what);
}
