import type { Participant } from "@colourstream/contract";

/** Who is in the rooms. Seats are the sessions' affair; that a page is open, the sockets tell. */
export type People = {
  /** In the room and waiting for it, oldest first. */
  list(roomId: string): Promise<Participant[]>;
  /** Of those with a page open now. From memory. */
  counts(roomId: string): { readonly here: number; readonly waiting: number };
  /** A page of this seat has opened; call the answer when it has gone. */
  arrive(seat: { readonly roomId: string; readonly sessionId: string; readonly isIn: boolean }): () => void;
  /** Told after every change in a room: who came, went, was let in or sent out. */
  onNews(listener: (roomId: string) => void): void;
};

export function createPeople(): People {
  return {
    list: async () => [],
    counts: () => ({ here: 0, waiting: 0 }),
    arrive: () => () => undefined,
    onNews: () => undefined,
  };
}
