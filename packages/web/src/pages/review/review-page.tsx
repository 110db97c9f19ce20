import type { Joined } from "@colourstream/contract";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { seatQuery, sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { ClosedCard, type WayOut } from "./closed-card.js";
import { JoinCard } from "./join-card.js";
import { rememberedName } from "./remembered.js";
import { SeatedRoom } from "./seated-room.js";

/** `/r/:roomId`: the door, the wait behind it, then the picture. The room's name is not told before the door opens. */
export function ReviewPage() {
  const { roomId } = useParams({ from: "/r/$roomId" });
  const query = seatQuery(roomId, () => rememberedName() !== "");
  const seated = useQuery({ ...query, staleTime: Number.POSITIVE_INFINITY });
  const client = useQueryClient();
  const [out, setOut] = useState<WayOut | null>(null);
  const keep = (joined: Joined) => client.setQueryData(query.queryKey, joined);
  // Where one sits is asked for again by the next visit.
  useEffect(() => () => client.removeQueries({ queryKey: ["review", roomId] }), [client, roomId]);

  if (out !== null) {
    return (
      <ClosedCard
        roomId={roomId}
        reason={out}
        onJoin={() => {
          void client.resetQueries({ queryKey: query.queryKey }); // an owner is let in again without a password
          setOut(null);
        }}
      />
    );
  }
  if (seated.isPending) return <div className="cs-door" role="status" aria-label="Loading the room" />;
  if (seated.data === undefined) {
    return (
      <div className="cs-door">
        <main className="cs-door__card" role="alert">
          <h1 className="govuk-heading-m">The room could not be reached</h1>
          <p className="govuk-body">{sentence(seated.error)}</p>
          <Button onClick={() => seated.refetch()}>Try again</Button>
        </main>
      </div>
    );
  }
  if (seated.data === null) return <JoinCard roomId={roomId} onJoined={keep} />;
  return (
    <SeatedRoom
      key={seated.data.seat.participant.id}
      joined={seated.data}
      onRead={async () => (await seated.refetch()).data}
      onOut={setOut}
    />
  );
}
