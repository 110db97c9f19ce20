import type { User } from "@colourstream/contract";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/call.js";
import { sessionQuery } from "../../api/queries.js";
import { NameForm } from "../../ui/name-form.js";
import { SummaryList } from "../../ui/summary.js";

/** One's name, as everybody in one's rooms reads it. */
export function OwnName({ user }: { user: User }) {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  if (isOpen) {
    return (
      <NameForm
        id="own-name"
        label="Your name"
        hint="Everybody in your rooms reads it."
        missing="Enter your name"
        yes="Save name"
        value={user.name}
        save={async (name) => {
          client.setQueryData(sessionQuery.queryKey, await api("renameMe", { body: { name } }));
        }}
        onDone={() => setOpen(false)}
      />
    );
  }
  return (
    <SummaryList
      rows={[
        [
          "Name",
          <span className="cs-own-name" key="name">
            <span data-testid="own-name">{user.name}</span>
            <button type="button" className="cs-link-button" onClick={() => setOpen(true)}>
              Change<span className="govuk-visually-hidden"> your name</span>
            </button>
          </span>,
        ],
        [
          "Role",
          user.role === "owner"
            ? "Owner: you see every room, and you look after people, settings and security."
            : "Colourist: you make rooms, and you see your own.",
        ],
      ]}
    />
  );
}
